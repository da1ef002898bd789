"""A unit that runs in another process."""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any

from infergraph.components.metadata import metadata_of
from infergraph.errors import BadAnswer, BadMessage, ComponentUnreachable, LoadError, RequestError
from infergraph.graph.context import Context
from infergraph.graph.remote.address import Address
from infergraph.graph.remote.calls import CallLimits, Calls
from infergraph.graph.remote.exchange import FULL_HEALTH, PASSING, Exchange, Subject
from infergraph.graph.remote.http_transport import HttpTransport, dial
from infergraph.graph.remote.wire import wire_to
from infergraph.graph.step import AggregateStep, FeedbackStep, JsonStep, RouteStep, Step
from infergraph.payloads import Encoding, Payload
from infergraph.payloads.payload import JsonObject
from infergraph.telemetry import UnitMetrics

if TYPE_CHECKING:
    from infergraph.graph.remote.grpc_transport import GrpcTransport

DIAL_S = 1.0
HEALTH_S = 60.0
"""How long a component may take to say how it is: as long as the operator's probes wait (SELDON_V1 §2.5)."""


class RemoteUnit:
    """A unit of the graph whose code answers at an address.

    It offers what a unit's component offers, each operation as a step that is ready to run. What the component answers
    goes on as it is: its meta too, which components merge and engines never touch (SELDON_V1 §3.2).
    """

    def __init__(
        self,
        unit: str,
        address: Address,
        transport: "HttpTransport | GrpcTransport",
        *,
        image: str = "",
        limits: CallLimits | None = None,
        metrics: UnitMetrics | None = None,
    ) -> None:
        self.unit = unit
        self.address = address
        self.image = image
        limits = limits or CallLimits()
        self._metrics = metrics or UnitMetrics()
        self._calls = Calls(unit, address, limits, self._metrics)
        self._metadata: JsonObject | None = None
        path = {unit: image} if image else {}
        names = address.model, address.signature
        subject = Subject(unit, path, limits.json_depth, lambda: self._metadata or {}, *names)
        self._wire = wire_to(subject, address, transport, self._calls, limits)

    def predict(self) -> Step:
        """Its prediction."""
        return self._step("predict")

    def predict_json(self) -> JsonStep | None:
        """Its prediction from JSON to JSON; None where it is asked in another form."""
        return self._step(PASSING, measured_as="predict") if PASSING in self._wire.exchanges else None

    def transform_input(self) -> Step:
        """What it makes of a request."""
        return self._step("transform_input")

    def transform_output(self) -> Step:
        """What it makes of an answer."""
        return self._step("transform_output")

    def route(self) -> RouteStep:
        """The branch that it chooses."""
        return self._step("route")

    def aggregate(self) -> AggregateStep:
        """What it makes of the answers of all children."""
        return self._step("aggregate")

    def send_feedback(self) -> FeedbackStep | None:
        """What it answers to feedback; None where the protocol has none, and the feedback itself is the reply."""
        return self._step("send_feedback") if "send_feedback" in self._wire.exchanges else None

    async def status(self) -> Payload:
        """What the component says of its own health. :raises RequestError: when it does not say.

        Over gRPC components have no word for it; that one can be reached is all there is to know.
        """
        exchange = self._wire.exchanges.get("health_status")
        if exchange is not None:
            payload: Payload = await self._asked(exchange, None, Context(""))
            return payload
        if await self.is_reachable():
            return Payload("reachable", Encoding.TEXT)
        raise ComponentUnreachable(f"Unit `{self.unit}` cannot be reached at {self.address}")

    @property
    def has_said_what_it_is(self) -> bool:
        """Whether the component has answered to `learn`."""
        return self._metadata is not None

    def metadata(self) -> JsonObject:
        """What the component last said of itself; what its image says, as long as nobody has asked it."""
        return self._metadata or metadata_of(None, unit=self.unit, image=self.image)

    async def learn(self) -> None:
        """Ask the component what it is. :raises RequestError: when it does not say."""
        found = await self._asked(self._wire.exchanges["metadata"], None, Context(""))
        self._metadata = {**metadata_of(None, unit=self.unit, image=self.image), **found}

    async def is_reachable(self) -> bool:
        """Whether somebody listens at the address (SELDON_V1 §3.6)."""
        is_reachable = await dial(self.address.host, self.address.port, DIAL_S)
        if is_reachable:
            self._calls.connected()
        return is_reachable

    async def is_well(self) -> bool:
        """Whether the component says that it is well, in a protocol that has a word for it (SELDON_V1 §3.6)."""
        exchange = self._wire.exchanges.get(FULL_HEALTH)
        if not await self.is_reachable():
            return False
        if exchange is None:
            return True
        try:
            async with asyncio.timeout(HEALTH_S):
                await self._wire.ask(exchange, b"", Context(""))
        except (RequestError, TimeoutError):
            return False
        return True

    def _step(self, operation: str, measured_as: str = "") -> Callable[[Any, Context], Awaitable[Any]]:
        """:raises LoadError: when the protocol has no such operation."""
        exchange = self._wire.exchanges.get(operation)
        if exchange is None:
            raise LoadError(
                f"unit `{self.unit}` runs in another process, whose protocol has no call for {operation}; run its code "
                "here, or let it speak the seldon protocol"
            )
        meter = self._metrics.calls(measured_as or operation)

        async def run(question: Any, context: Context) -> Any:
            started_s = perf_counter()
            try:
                answer = await self._asked(exchange, question, context)
            except BaseException as error:
                meter.failed(perf_counter() - started_s, error)
                raise
            meter.succeeded(perf_counter() - started_s)
            return answer

        return run

    async def _asked(self, exchange: Exchange, question: Any, context: Context) -> Any:
        encode = exchange.encode
        body = await self._wire.ask(exchange, b"" if encode is None else encode(question), context)
        try:
            answer = exchange.decode(body)
        except BadMessage as error:
            raise BadAnswer(
                f"Unit `{self.unit}` at {self.address} answered {exchange.path} with no message: {error}"
            ) from error
        return answer if exchange.joined is None else exchange.joined(question, answer)
