"""Components that behave well or badly as the request asks: plain classes, copied beside a manifest."""

import asyncio
import math
import threading
from typing import Any

import numpy as np


class Identity:
    """What comes goes."""

    def __init__(self, tag: Any = None) -> None:
        self._tag = tag

    def predict(self, X: Any, names: Any) -> Any:
        return X

    def tags(self) -> Any:
        return {self._tag: 1} if self._tag else {}


class HalfPlusTwo:
    """TensorFlow Serving's example."""

    def predict(self, X: Any, names: Any) -> Any:
        return X / 2 + 2


class MockClassifier:
    """Upstream's example: how far the mean is from a threshold; the threshold is that of its golden output."""

    def class_names(self) -> Any:
        return ["proba"]

    def predict(self, X: Any, names: Any) -> Any:
        return 1 / (1 + np.exp(-(np.mean(X, axis=1, keepdims=True) - 2.9166666666666665)))


class Fixed:
    """Always the same rows: those of upstream's fixed-model of this version."""

    def __init__(self, version: Any) -> None:
        self._rows = {"0.1": [[1, 2, 3, 4]], "0.2": [[5, 6, 7, 8]]}[version]

    def predict(self, X: Any, names: Any) -> Any:
        return self._rows


class Router:
    """Goes where a jsonData request says, else to its first child."""

    def route(self, X: Any, names: Any) -> Any:
        return X.get("to") if isinstance(X, dict) else 0


class First:
    """A combiner that takes the first answer."""

    def aggregate(self, features_list: Any, names_list: Any) -> Any:
        return features_list[0]


class Raw:
    """Answers the message that the request holds as jsonData, word for word."""

    def predict_raw(self, message: Any) -> Any:
        return message["jsonData"]


class Wrong:
    """Fails in the way that the request names as strData."""

    def predict(self, X: Any, names: Any) -> Any:
        return getattr(self, X)()

    def none(self) -> Any:
        return None

    def a_float(self) -> Any:
        return 1.5

    def bad_value(self) -> Any:
        raise ValueError("bad value")

    def leave(self) -> Any:
        raise SystemExit("leaving")

    def nothing_said(self) -> Any:
        raise KeyError

    def html(self) -> Any:
        raise ValueError("<script>alert(1)</script>")

    def a_set(self) -> Any:
        return {"items": {1, 2}}

    def deep(self) -> Any:
        value: list[Any] = []
        for _ in range(100_000):
            value = [value]
        return {"deep": value}

    def keys(self) -> Any:
        return {(1, 2): 3}

    def surrogate(self) -> Any:
        return {"text": "\ud800"}

    def surrogate_error(self) -> Any:
        raise ValueError("\ud800")

    def surrogate_text(self) -> Any:
        return "\ud800"

    def nonfinite(self) -> Any:
        return [[math.nan, math.inf]]

    def a_complex(self) -> Any:
        return np.array([[1j]])

    def a_date(self) -> Any:
        return np.array(["2020-01-01"], dtype="datetime64[D]")

    def huge(self) -> Any:
        return "x" * 30_000_000

    def generator(self) -> Any:
        return (x for x in "ab")


class Health:
    """Healthy when asked in a coroutine."""

    async def health_status(self) -> Any:
        await asyncio.sleep(0)
        return "fine"

    def predict(self, X: Any, names: Any) -> Any:
        return X


class Blocked:
    """A health check that waits for a prediction: it can only end when it does not block the server."""

    def __init__(self) -> None:
        self._predicted = threading.Event()

    def health_status(self) -> Any:
        return "done" if self._predicted.wait(20) else "blocked"

    def predict(self, X: Any, names: Any) -> Any:
        self._predicted.set()
        return X


class Ill:
    """Everything that it says of itself is a mistake."""

    def predict(self, X: Any, names: Any) -> Any:
        return X

    def health_status(self) -> Any:
        raise RuntimeError("no heartbeat")

    def init_metadata(self) -> Any:
        raise RuntimeError("no metadata")


class Odd:
    """What it says of itself cannot be said in JSON."""

    def predict(self, X: Any, names: Any) -> Any:
        return X

    def health_status(self) -> Any:
        return {"state": {1, 2}}

    def init_metadata(self) -> Any:
        return {"custom": 1j}


class Listed:
    """Its metadata is no object."""

    def predict(self, X: Any, names: Any) -> Any:
        return X

    def init_metadata(self) -> Any:
        return ["name", "listed"]


class Inputless:
    """Its metadata has no list of inputs."""

    def predict(self, X: Any, names: Any) -> Any:
        return X

    def init_metadata(self) -> Any:
        return {"name": 3, "inputs": "none", "outputs": None}
