"""A component that is served alone, as the v1 wrapper serves it (SELDON_V1 §4.2)."""

from collections.abc import Callable
from typing import Any

from infergraph.components.component import Component
from infergraph.components.either import either
from infergraph.components.metadata import metadata_of, unavailable
from infergraph.components.metadata_schema import problem_of
from infergraph.components.method import is_v1_component, method_of
from infergraph.components.metrics import Reporter
from infergraph.components.operation import Operation
from infergraph.errors import BadMessage, LoadError
from infergraph.payloads.payload import JsonObject

NO_UNIT = "0"
"""The unit whose routing a feedback is about when nobody has said which one this is."""


class Standalone(Component):
    """A component that answers everything that a microservice can be asked, whatever its type.

    ``name`` is what messages call it, ``unit`` the id that it has in a graph, empty when nobody has said.
    What its class does not have is answered as the v1 wrapper does: an empty prediction, an unchanged message, nothing
    learned of a feedback; only `route` and `aggregate` are then refused.
    """

    def __init__(
        self,
        name: str,
        target: object,
        *,
        unit: str = "",
        image: str = "",
        threads: int = 1,
        reporter: Reporter | None = None,
        shows_metrics: bool = True,
    ) -> None:
        super().__init__(name, target, image=image, threads=threads, reporter=reporter, shows_metrics=shows_metrics)
        self.described: JsonObject = {}
        """What is said of it elsewhere, which goes before what the class says."""
        self.path = {unit: image} if unit else {}
        self.routing_key = unit or NO_UNIT

    def operations(self) -> dict[str, Operation]:
        """Everything that it can be asked, by name.

        :raises LoadError: when one of its methods asks for more than it is called with.
        """
        operations = {
            "predict": self.predict(),
            "transform_input": self.transform_input(),
            "transform_output": self.transform_output(),
            "route": self.route_message(),
            "aggregate": self.aggregate(),
            "send_feedback": self.send_feedback(),
        }
        return {name: operation for name, operation in operations.items() if operation is not None}

    def passthrough(self) -> Operation:
        """The body of a request in, that of its answer out: ``predict_raw`` on bytes.

        :raises LoadError: when the class has none.
        """
        if (method := method_of(self.target, "predict_raw")) is None:
            raise LoadError(
                f"{self.unit}: PAYLOAD_PASSTHROUGH hands the bytes of requests to predict_raw, and class "
                f"{type(self.target).__name__} has none"
            )
        return self._operation("predict", method, lambda body: (body,), lambda _, result: _bytes_of(result))

    def metadata(self) -> JsonObject:
        """What the component says of itself, completed and checked; the class is asked once.

        :raises ComponentFailed: when it raises, or says what SELDON_V1 §4.3 has no place for.
        """
        if self._metadata is None:
            metadata = {**metadata_of(self.target, unit=self.unit, image=self.image), **self.described}
            if (problem := problem_of(metadata)) is not None:
                raise unavailable(self.unit, problem)
            self._metadata = metadata
        return self._metadata

    def send_feedback(self) -> Operation:
        """As of any component, but that a ``send_feedback_raw`` gets protobuf's Feedback, if protobuf is here."""
        operation = super().send_feedback()
        if method_of(self.target, "send_feedback_rest") or not method_of(self.target, "send_feedback_raw"):
            return operation
        try:
            from infergraph.components.protobuf_form import feedback_message
        except ImportError:
            return operation
        raw = self._as_raw(
            "send_feedback",
            lambda feedback: (feedback_message(feedback.message),),
            self._rewarded(self.reply("send_feedback").raw),
        )
        return either(raw, self._send_feedback()) if raw else operation

    def route_message(self) -> Operation:
        """As `route`, with the whole message as the answer: the branch is its only number."""
        operation = self._transform("route", self.reply("route").of_route_message)
        assert operation is not None  # noqa: S101 - `_method` always has one
        return operation

    def _method(self, name: str) -> Callable[..., Any] | None:
        found = method_of(self.target, name)
        if found is None and name == "health_status" and is_v1_component(self.target):
            return lambda: "not implemented - assuming healthy"
        return found or _ABSENT.get(name)


def _bytes_of(result: Any) -> bytes:
    if isinstance(result, str):
        return result.encode()
    if isinstance(result, bytes | bytearray | memoryview):
        return bytes(result)
    raise BadMessage(f"predict_raw must return bytes where payloads pass through, got {type(result).__name__}")


def _no_prediction(_: Any) -> list[Any]:
    return []


def _unchanged(payload: Any) -> Any:
    return payload


def _no_route(_: Any) -> int:
    raise BadMessage("Route not defined")


def _no_aggregate(_: Any) -> Any:
    raise BadMessage("Aggregate not defined")


_ABSENT: dict[str, Callable[..., Any]] = {
    "predict": _no_prediction,
    "transform_input": _unchanged,
    "transform_output": _unchanged,
    "route": _no_route,
    "aggregate": _no_aggregate,
}
