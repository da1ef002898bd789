"""A component as the server of a microservice sees it."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeAlias

import msgspec

from infergraph.components.standalone import Standalone
from infergraph.errors import NotReady
from infergraph.graph.batch import placed
from infergraph.graph.context import Context
from infergraph.graph.lane import Lane
from infergraph.graph.step import AggregateStep, Executable, Step
from infergraph.payloads import Feedback, Payload
from infergraph.servers.served import Served

FeedbackStep: TypeAlias = Callable[[Feedback, Context], Awaitable[Payload]]


class Steps(msgspec.Struct, frozen=True):
    """Everything that a component can be asked, each the way from a question to its answer."""

    predict: Step
    transform_input: Step
    transform_output: Step
    route: Step
    aggregate: AggregateStep
    send_feedback: FeedbackStep


def steps_of(component: Standalone, lane: Lane) -> Steps:
    """The steps of a component that is loaded; its calls run in ``lane``.

    :raises LoadError: when one of its methods asks for more than it is called with.
    """
    place = partial(placed, lane)
    operations = {
        "predict": component.predict(),
        "transform_input": component.transform_input(),
        "transform_output": component.transform_output(),
        "route": component.route_message(),
        "aggregate": component.aggregate(),
        "send_feedback": component.send_feedback(),
    }
    return Steps(**{name: place(operation) for name, operation in operations.items() if operation is not None})


class ServedUnit(Served):
    """One component, declared as a deployment of a single unit: its limits, annotations and labels are that one's."""

    _steps: Steps | None = None

    def begin(self, component: Standalone, steps: Steps) -> None:
        """It is loaded: from now on requests are answered."""
        self._steps = steps
        units = {component.unit: component}
        self.start(Executable(steps.predict, steps.send_feedback), {self.main.name: units})

    @property
    def steps(self) -> Steps:
        """:raises NotReady: before it is loaded."""
        if self._steps is None:
            raise NotReady(f"{self.main.graph.name} is loading; try again in a moment")
        return self._steps

    @property
    def only_component(self) -> Standalone:
        """:raises NotReady: before it is loaded."""
        component = self.component(self.main.graph.name)
        assert isinstance(component, Standalone)  # noqa: S101 - `begin` has it so
        return component


Messages: TypeAlias = Sequence[Payload]
