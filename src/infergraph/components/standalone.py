"""A component that is served alone, as the v1 wrapper serves it (SELDON_V1 §4.2)."""

from collections.abc import Callable
from typing import Any

from infergraph.components.component import Component
from infergraph.components.method import is_v1_component, method_of
from infergraph.components.metrics import Reporter
from infergraph.components.operation import Operation
from infergraph.errors import BadMessage

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
