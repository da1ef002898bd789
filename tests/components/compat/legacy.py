"""A class as users of the v1 wrapper wrote it."""

from seldon_core.flask_utils import SeldonMicroserviceException
from seldon_core.metrics import create_counter, create_gauge, create_timer
from seldon_core.proto import prediction_pb2
from seldon_core.user_model import SeldonComponent, SeldonNotImplementedError, SeldonResponse
from seldon_core.utils import getenv, json_to_seldon_message


class Legacy(SeldonComponent):
    def __init__(self, threshold=0.5, **kwargs):
        super().__init__(**kwargs)
        self.threshold = threshold

    def predict_raw(self, msg):
        if isinstance(msg, prediction_pb2.SeldonMessage):
            raise SeldonNotImplementedError("only over REST")
        if msg.get("strData") == "raw":
            return json_to_seldon_message({"strData": "answered raw"})
        raise SeldonNotImplementedError("not for this")

    def predict(self, X, names, meta=None):
        if isinstance(X, str):
            raise SeldonMicroserviceException(f"{X} is no number", status_code=422, reason="NO_NUMBER")
        return SeldonResponse(
            self.threshold < X, {"user": getenv("LEGACY_USER", default="nobody")}, [create_gauge("g", 3)]
        )

    def metrics(self):
        return [create_counter("c", 1), create_timer("t", 20.5)]
