"""A class for both wrappers: gives back what it gets, or what a text tells it to return."""

import numpy as np


class Plain:
    def predict(self, X, names, meta=None):
        return answered(X)

    def transform_input(self, X, names, meta=None):
        return answered(X)

    def transform_output(self, X, names, meta=None):
        return answered(X)

    def route(self, X, names):
        return len(names) if names else answered(X)

    def aggregate(self, features_list, names_list):
        return answered(features_list[0])

    def send_feedback(self, features, names, reward, truth, routing=None):
        return [[reward, -1 if routing is None else routing]]


def answered(X):
    if isinstance(X, str) and X in RETURNED:
        return RETURNED[X]()
    return X


def refuse():
    from seldon_core.flask_utils import SeldonMicroserviceException

    raise SeldonMicroserviceException("no such flower", status_code=404, reason="NO_FLOWER")


def fail():
    raise ValueError("bad value")


RETURNED = {
    "numbers": lambda: [[1, 2], [3, 4]],
    "floats": lambda: np.array([[0.5, 1.5]]),
    "one row": lambda: np.array([1.0, 2.0, 3.0]),
    "cube": lambda: np.ones((1, 2, 2)),
    "single": lambda: np.float64(2.5),
    "integers": lambda: np.array([[1, 2]], dtype=np.int32),
    "texts": lambda: [["a", "b"]],
    "booleans": lambda: np.array([[True, False]]),
    "mixed": lambda: [["a", 1]],
    "empty": list,
    "dict": lambda: {"a": [1, 2.5, None]},
    "bytes": lambda: b"\x00\xff",
    "text": lambda: "some text",
    "None": lambda: None,
    "number": lambda: 3.5,
    "branch": lambda: 1,
    "all": lambda: -1,
    "none": lambda: -2,
    "fraction": lambda: 0.5,
    "numpy branch": lambda: np.int64(1),
    "refuse": refuse,
    "fail": fail,
}
