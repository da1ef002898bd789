"""Components as users of the v1 wrapper write them."""

import os
import threading
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def wait_for(name):
    """Until the test makes a file of this name beside this one."""
    while not (HERE / name).exists():
        time.sleep(0.005)


class Identity:
    def predict(self, X, features_names=None):
        return X

    def transform_input(self, X, names):
        return X

    def transform_output(self, X, names):
        return X


class Nothing:
    pass


class Mean:
    """mock_classifier of the v1 examples."""

    rows_are_independent = True

    def __init__(self, threshold=3.0):
        self.threshold = threshold

    def predict(self, X, features_names):
        means = np.mean(np.asarray(X, dtype=float), axis=1, keepdims=True)
        return 1 / (1 + np.exp(-(means - self.threshold)))

    def class_names(self):
        return ["proba"]


class Returning:
    """Returns what its text says in Python."""

    def predict(self, X, names):
        return eval(X)


class Response:
    """As the v1 wrapper's SeldonResponse."""

    def __init__(self, data, tags=None, metrics=None):
        self.data, self.tags, self.metrics = data, tags, metrics


class Telling:
    def predict(self, X, names, meta):
        metric = {"key": "runtime", "type": "GAUGE", "value": 7, "tags": {"kind": "a"}}
        return Response(X, {"runtime": True, "class": "of the call"}, [metric])

    def tags(self):
        return {"class": "of the class", "pid": os.getpid()}

    def metrics(self):
        return [{"key": "calls", "type": "COUNTER", "value": 1}, {"key": "took", "type": "TIMER", "value": 20.2}]


class BadMetric:
    def predict(self, X, names):
        return X

    def metrics(self):
        return [{"key": "x", "type": "LENGTH", "value": 1}]


class Router:
    def __init__(self, branch=1):
        self.branch = branch

    def route(self, X, names):
        return self.branch if not isinstance(X, str) or X == "x" else eval(X)

    def send_feedback(self, features, names, reward, truth, routing=None):
        return [[reward, -1 if routing is None else routing]]

    def tags(self):
        return {"router": "r"}


class Combiner:
    def aggregate(self, features_list, names_list):
        return features_list[0]


class Feedback:
    def send_feedback(self, features, names, reward, truth):
        return {"features": np.asarray(features).tolist(), "reward": reward, "truth": np.asarray(truth).tolist()}


class Raw:
    """Raw methods take messages as they came: objects over REST, protobuf over gRPC."""

    def predict_raw(self, message):
        if hasattr(message, "SerializeToString"):
            reply = type(message)()
            reply.CopyFrom(message)
            reply.strData = f"raw {message.strData}"
            return reply
        if message.get("strData") == "teapot":
            return {"status": {"code": 418, "info": "short and stout", "status": 1}}
        return {"strData": f"raw {message['strData']}", "meta": {"metrics": [{"key": "raws", "value": 1}]}}

    def route_raw(self, message):
        return {"data": {"ndarray": [[3]]}}

    def aggregate_raw(self, messages):
        return {"strData": str(len(getattr(messages, "seldonMessages", messages)))}

    def send_feedback_raw(self, feedback):
        rows = [list(row) for row in feedback.request.data.ndarray]
        return type(feedback.request)(strData=f"got {feedback.reward} {rows}")

    def health_status_raw(self):
        return {"strData": "raw and healthy"}


class SeldonNotImplementedError(Exception):
    status_code = 400


class HalfRaw:
    def predict_raw(self, message):
        raise SeldonNotImplementedError

    def predict(self, X, names):
        return [[len(X)]]

    def aggregate_raw(self, messages):
        raise SeldonNotImplementedError

    def aggregate(self, features, names):
        return [[len(features)]]


class Old:
    """The deprecated forms."""

    def predict_rest(self, message):
        return {"strData": "rest"}

    def predict_grpc(self, message):
        return type(message)(strData="grpc")


class TeapotError(Exception):
    status_code = 402

    def __init__(self, message):
        super().__init__(message)
        self.message = message

    def to_dict(self):
        return {"status": {"code": 1402, "status": 1, "info": self.message, "reason": "PAYMENT"}}


class MicroserviceError(Exception):
    """As the v1 wrapper's SeldonMicroserviceException."""

    def __init__(self, message, status_code=400, payload=None, reason="MICROSERVICE_BAD_DATA"):
        super().__init__(message)
        self.message, self.status_code, self.payload, self.reason = message, status_code, payload, reason


class Raising:
    def predict(self, X, names):
        kinds = {
            "value": ValueError("bad value"),
            "own": TeapotError("pay first"),
            "wrapper": MicroserviceError("too early", 425, {"when": "later"}, "EARLY"),
            "type": TypeError("inside"),
        }
        raise kinds[X]


class Unwell:
    def health_status(self):
        raise RuntimeError("no database")


class Well:
    def health_status(self):
        return {"database": "there"}


class Described:
    def init_metadata(self):
        return {
            "name": "described",
            "versions": ["v2"],
            "platform": "sklearn",
            "inputs": [{"messagetype": "tensor", "schema": {"names": ["a"], "shape": [1, 5]}}],
            "outputs": [{"messagetype": "strData"}],
            "custom": {"author": "me"},
        }


class BadlyDescribed:
    def init_metadata(self):
        return {"inputs": "none"}


class Parameters:
    def __init__(self, **parameters):
        self.parameters = parameters

    def predict(self, X, names):
        return self.parameters


class PassingThrough:
    def predict_raw(self, body):
        return body[::-1] if isinstance(body, bytes) else {"strData": "not bytes"}


class Served:
    """Something beside the servers."""

    def __init__(self):
        self.loaded = False

    def load(self):
        self.loaded = True

    def predict(self, X, names):
        return X

    def custom_service(self):
        (HERE / "beside").write_text(f"{os.getpid()} {self.loaded}")
        threading.Event().wait()


class Held:
    def predict(self, X, names):
        (HERE / "begun").touch()
        wait_for("go")
        return X


class LateLoad:
    def load(self):
        (HERE / "loading").touch()
        wait_for("go")

    def predict(self, X, names):
        return X


class BadLoad:
    def load(self):
        raise OSError("the disk is gone")


class Worker:
    def predict(self, X, names):
        if isinstance(X, str) and X == "die":
            os._exit(3)
        return [[os.getpid()]]


class Asleep:
    def predict(self, X, names):
        time.sleep(0.5)
        return X
