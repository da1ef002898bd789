"""A class for both wrappers that extends the wrapper's own, and says more than its data."""

from seldon_core.metrics import create_counter, create_gauge, create_timer
from seldon_core.user_model import SeldonComponent, SeldonResponse


class Telling(SeldonComponent):
    def __init__(self, weight=1.0, label="none", count=0, is_on=False):
        self.parameters = {"weight": weight, "label": label, "count": count, "is_on": is_on}

    def predict(self, X, names, meta=None):
        if isinstance(X, str):
            return SeldonResponse(X, {"of": "this call", "meta": sorted(meta or {})}, [create_gauge("runtime", 7)])
        return X

    def aggregate(self, features_list, names_list):
        return SeldonResponse(features_list[-1], {"children": len(features_list)})

    def route(self, X, names):
        return SeldonResponse(1, {"routed": True})

    def tags(self):
        return {"of": "the class", **self.parameters}

    def metrics(self):
        return [create_counter("calls", 1), create_timer("took", 20.5)]

    def class_names(self):
        return ["first", "second"]

    def init_metadata(self):
        return {"name": "teller", "versions": ["2"], "inputs": [{"messagetype": "strData"}], "custom": {"author": "x"}}
