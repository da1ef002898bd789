"""A component as the server of a microservice sees it."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypeAlias

import msgspec

from infergraph.components import Operation
from infergraph.components.standalone import Standalone
from infergraph.errors import NotReady
from infergraph.graph.batch import placed
from infergraph.graph.context import Context
from infergraph.graph.lane import Lane
from infergraph.graph.step import AggregateStep, Executable, Step
from infergraph.payloads import Feedback, Payload
from infergraph.servers.microservice.error_handlers import ErrorHandlers, error_handlers_of
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


BytesStep: TypeAlias = Callable[[bytes, Context], Awaitable[bytes]]
"""From the bytes of a message to those of the answer."""


class ServedUnit(Served):
    """One component, declared as a deployment of a single unit: its limits, annotations and labels are that one's."""

    _steps: Steps | None = None
    protobuf_steps: Mapping[str, BytesStep] = {}
    """Those of the operations that the component does on protobuf messages itself, by name."""
    error_handlers: ErrorHandlers | None = None
    _passthrough_step: BytesStep | None = None

    def begin(
        self,
        component: Standalone,
        lane: Lane,
        protobuf: Mapping[str, Operation],
        passthrough: Operation | None = None,
    ) -> None:
        """It is loaded, and its calls run in ``lane``: from now on requests are answered."""
        self.error_handlers = error_handlers_of(component.target)
        self._passthrough_step = None if passthrough is None else lane.place(passthrough)
        place = partial(placed, lane)
        self._steps = steps = Steps(**{name: place(one) for name, one in component.operations().items()})
        self.protobuf_steps = {name: place(one) for name, one in protobuf.items()}
        units = {component.unit: component}
        self.start(Executable(steps.predict, steps.send_feedback), {self.main.name: units})

    @property
    def steps(self) -> Steps:
        """:raises NotReady: before it is loaded."""
        if self._steps is None:
            raise NotReady(f"{self.main.graph.name} is loading; try again in a moment")
        return self._steps

    @property
    def passthrough_step(self) -> BytesStep:
        """:raises NotReady: before it is loaded."""
        if self._passthrough_step is None:
            raise NotReady(f"{self.main.graph.name} is loading; try again in a moment")
        return self._passthrough_step

    @property
    def only_component(self) -> Standalone:
        """:raises NotReady: before it is loaded."""
        component = self.component(self.main.graph.name)
        assert isinstance(component, Standalone)  # noqa: S101 - `begin` has it so
        return component
