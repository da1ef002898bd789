"""Requests that both wrappers are asked: each kind of payload, each operation, REST and gRPC, mistakes too."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.corpus.Plain import RETURNED

META = {"puid": "p-1", "tags": {"asked": "x", "n": 1}, "requestPath": {"before": "img:0"}, "routing": {"r": 1}}
ROWS: dict[str, Any] = {"data": {"names": ["a", "b"], "ndarray": [[1.5, 2.0], [3.0, 4.0]]}}
KINDS: dict[str, dict[str, Any]] = {
    "ndarray": ROWS,
    "ndarray of integers": {"data": {"names": ["a", "b"], "ndarray": [[1, 2]]}},
    "ndarray of texts": {"data": {"ndarray": [["a", "b"]]}},
    "ndarray of booleans": {"data": {"ndarray": [[True, False]]}},
    "ndarray of mixed values": {"data": {"ndarray": [["a", 1]]}},
    "ndarray of one dimension": {"data": {"ndarray": [1.0, 2.0]}},
    "ndarray of three dimensions": {"data": {"ndarray": [[[1.0, 2.0], [3.0, 4.0]]]}},
    "ndarray without rows": {"data": {"ndarray": []}},
    "tensor": {"data": {"names": ["a", "b"], "tensor": {"shape": [1, 2], "values": [1.5, 2]}}},
    "tensor of integers": {"data": {"tensor": {"shape": [2, 1], "values": [1, 2]}}},
    "tensor of one dimension": {"data": {"tensor": {"shape": [2], "values": [1.5, 2.5]}}},
    "strData": {"strData": "hé <b>"},
    "strData, empty": {"strData": ""},
    "binData": {"binData": base64.b64encode(b"\x00\xff").decode()},
    "jsonData, object": {"jsonData": {"a": [1, None, {"b": "x"}], "c": True}},
    "jsonData, number": {"jsonData": 5},
    "jsonData, text": {"jsonData": "text"},
    "meta": {**ROWS, "meta": META},
}
MISTAKES: dict[str, Any] = {
    "an empty message": {},
    "a list": [1, 2],
    "data without an array": {"data": {"names": ["a"]}},
    "a ragged ndarray": {"data": {"ndarray": [[1, 2], [3]]}},
    "a tensor of the wrong shape": {"data": {"tensor": {"shape": [2, 2], "values": [1, 2, 3]}}},
    "names of the wrong length": {"data": {"names": ["a"], "ndarray": [[1, 2]]}},
    "two kinds at once": {**ROWS, "strData": "x"},
    "base64 that is none": {"binData": "%%%"},
    "an unknown field": {**ROWS, "extra": 1},
}
TEXTS = {"broken JSON": '{"data": ', "no JSON": "hello", "nothing": "", "NaN": '{"data":{"ndarray":[[NaN,1.0]]}}'}
FEEDBACK: dict[str, Any] = {
    "rows": {"request": ROWS, "response": ROWS, "reward": 0.5, "truth": ROWS},
    "routing": {"request": ROWS, "response": {"meta": {"routing": {"unit": 1}}, **ROWS}, "reward": 1},
    "tensor": {"request": KINDS["tensor"], "reward": 1},
    "only a reward": {"reward": 0.25},
    "an empty message": {},
    "a reward below zero": {"request": ROWS, "reward": -1},
    "an unknown field": {"rewardx": 1},
    "a reward that is text": {"request": ROWS, "reward": "much"},
}
PATHS = {
    "predict": "/predict",
    "transform_input": "/transform-input",
    "transform_output": "/transform-output",
    "route": "/route",
    "aggregate": "/aggregate",
    "send_feedback": "/send-feedback",
}
METHODS = {
    "predict": ("Model", "Predict"),
    "transform_input": ("Transformer", "TransformInput"),
    "transform_output": ("OutputTransformer", "TransformOutput"),
    "route": ("Router", "Route"),
    "aggregate": ("Combiner", "Aggregate"),
    "send_feedback": ("Model", "SendFeedback"),
}


@dataclass(frozen=True)
class Case:
    """A request over REST: a path with a body (a text as it is, else as JSON), or a method of gRPC with a message."""

    component: str
    transport: str
    what: str
    operation: str
    body: Any = None
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict, hash=False, compare=False)
    verb: str = "POST"

    @property
    def id(self) -> str:
        return f"{self.component} {self.transport} {self.operation}: {self.what}"

    @property
    def content(self) -> str | None:
        """The body as text."""
        return self.body if self.body is None or isinstance(self.body, str) else json.dumps(self.body)


def cases() -> Iterator[Case]:
    """All of them."""
    for transport in ("rest", "grpc"):
        yield from _plain(transport)
        yield from _telling(transport)
    yield from _of_rest()


def _plain(transport: str) -> Iterator[Case]:
    def case(operation: str, what: str, message: Any) -> Case:
        return Case("Plain", transport, what, operation, message, PATHS[operation])

    for what, message in {**KINDS, **_mistakes(transport)}.items():
        yield case("predict", what, message)
    for operation in ("transform_input", "transform_output", "route"):
        for what in ("ndarray", "tensor", "strData", "jsonData, object", "meta"):
            yield case(operation, what, KINDS[what])
    for what in RETURNED:
        yield case("predict", f"returns {what}", {"strData": what})
    for what in ("branch", "all", "none", "fraction", "numpy branch", "text", "refuse", "fail"):
        yield case("route", f"returns {what}", {"strData": what})
    for what in ("ndarray", "tensor", "strData", "jsonData, object", "meta"):
        yield case("aggregate", f"two of {what}", {"seldonMessages": [KINDS[what], KINDS["meta"]]})
    yield case("aggregate", "none at all", {"seldonMessages": []})
    for what, message in _feedback(transport).items():
        yield case("send_feedback", what, message)


def _mistakes(transport: str) -> dict[str, Any]:
    """Those that the transport can say: a protobuf message has known fields, and one of them at a time."""
    unsayable = ("a list", "two kinds at once", "base64 that is none", "an unknown field")
    return {what: m for what, m in MISTAKES.items() if transport == "rest" or what not in unsayable}


def _feedback(transport: str) -> dict[str, Any]:
    unsayable = ("an unknown field", "a reward that is text")
    return {what: m for what, m in FEEDBACK.items() if transport == "rest" or what not in unsayable}


def _telling(transport: str) -> Iterator[Case]:
    for what in ("ndarray", "tensor", "strData", "binData", "jsonData, object", "meta"):
        for operation in ("predict", "transform_input", "route"):
            yield Case("Telling", transport, what, operation, KINDS[what], PATHS[operation])
    both = {"seldonMessages": [KINDS["meta"], ROWS]}
    yield Case("Telling", transport, "two", "aggregate", both, PATHS["aggregate"])
    yield Case("Telling", transport, "rows", "send_feedback", FEEDBACK["rows"], PATHS["send_feedback"])


def _of_rest() -> Iterator[Case]:
    """What only REST has: paths, forms, and bodies that are no message."""
    for what, text in TEXTS.items():
        yield Case("Plain", "rest", what, "predict", text, "/predict")
    for path in ("/api/v1.0/predictions", "/api/v0.1/predictions"):
        yield Case("Plain", "rest", path, "predict", ROWS, path)
    for path in ("/api/v1.0/feedback", "/api/v0.1/feedback"):
        yield Case("Plain", "rest", path, "send_feedback", FEEDBACK["rows"], path)
    for component in ("Plain", "Telling"):
        for path in ("/health/ping", "/health/status", "/api/v1.0/health/status", "/metadata", "/api/v1.0/metadata"):
            yield Case(component, "rest", f"GET {path}", "control", None, path, verb="GET")
    yield Case("Plain", "rest", "a list of messages", "aggregate", [ROWS, ROWS], "/aggregate")
    yield Case("Plain", "rest", "one message", "aggregate", ROWS, "/aggregate")
    yield Case("Plain", "rest", "an unknown path", "control", ROWS, "/nowhere")
    yield Case("Plain", "rest", "a wrong method", "control", None, "/predict", verb="DELETE")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    yield Case("Plain", "rest", "a form", "predict", "json=%7B%22strData%22%3A%22x%22%7D", "/predict", form)
    yield Case("Plain", "rest", "a query", "predict", None, "/predict?json=%7B%22strData%22%3A%22x%22%7D", verb="GET")
    yield Case("Plain", "rest", "text/plain", "predict", ROWS, "/predict", {"Content-Type": "text/plain"})
