"""A unit that runs in another process."""

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from time import perf_counter
from typing import TypeVar

from infergraph.components.metadata import metadata_of
from infergraph.errors import BadAnswer, BadMessage, VerbatimAnswer
from infergraph.graph.context import Context
from infergraph.graph.remote import seldon_rest
from infergraph.graph.remote.address import Address
from infergraph.graph.remote.calls import CallLimits, Calls
from infergraph.graph.remote.headers import forwarded
from infergraph.graph.remote.http_transport import HttpTransport, dial
from infergraph.graph.step import AggregateStep, FeedbackStep, RouteStep, Step
from infergraph.payloads import Payload
from infergraph.payloads.payload import JsonObject
from infergraph.telemetry import UnitMetrics

DIAL_S = 1.0

Q = TypeVar("Q")
A = TypeVar("A")


class RemoteUnit:
    """A unit of the graph whose code answers at an address.

    It offers what a unit's component offers, each operation as a step that is ready to run. What the component answers
    goes on as it is: its meta too, which components merge and engines never touch (SELDON_V1 §3.2).
    ``limit`` is the time that one call has,; ``answer_bytes`` and
    ``json_depth`` limit an answer as a request is limited.
    """

    def __init__(
        self,
        unit: str,
        address: Address,
        transport: HttpTransport,
        *,
        image: str = "",
        limits: CallLimits | None = None,
        metrics: UnitMetrics | None = None,
    ) -> None:
        self.unit = unit
        self.address = address
        self.image = image
        self._transport = transport
        self._limits = limits or CallLimits()
        self._json_depth = self._limits.json_depth
        self._metrics = metrics or UnitMetrics()
        self._calls = Calls(unit, address, self._limits, self._metrics)
        self._base = f"http://{address}"
        self._metadata: JsonObject | None = None

    @property
    def _message(self) -> Callable[[bytes], Payload]:
        return partial(seldon_rest.decode_answer, max_depth=self._json_depth)

    def predict(self) -> Step:
        """POST /predict."""
        return self._step("predict", seldon_rest.encode, self._message)

    def transform_input(self) -> Step:
        """POST /transform-input."""
        return self._step("transform_input", seldon_rest.encode, self._message)

    def transform_output(self) -> Step:
        """POST /transform-output."""
        return self._step("transform_output", seldon_rest.encode, self._message)

    def route(self) -> RouteStep:
        """POST /route."""
        decode = partial(seldon_rest.decode_route, max_depth=self._json_depth, unit=self.unit)
        return self._step("route", seldon_rest.encode, decode)

    def aggregate(self) -> AggregateStep:
        """POST /aggregate with the answers of all children."""
        return self._step("aggregate", seldon_rest.encode_list, self._message)

    def send_feedback(self) -> FeedbackStep:
        """POST /send-feedback."""
        decode = partial(seldon_rest.decode_any_answer, max_depth=self._json_depth)
        return self._step("send_feedback", seldon_rest.encode_feedback, decode)

    async def status(self) -> Payload:
        """What the component says of its own health. :raises RequestError: when it does not say."""
        body = await self._answer("health_status", "GET", Context(""), None)
        return self._read(partial(seldon_rest.decode_any_answer, max_depth=self._json_depth), body, "health_status")

    @property
    def has_said_what_it_is(self) -> bool:
        """Whether the component has answered to `learn`."""
        return self._metadata is not None

    def metadata(self) -> JsonObject:
        """What the component last said of itself; what its image says, as long as nobody has asked it."""
        return self._metadata or metadata_of(None, unit=self.unit, image=self.image)

    async def learn(self) -> None:
        """Ask the component what it is. :raises RequestError: when it does not say."""
        body = await self._answer("metadata", "GET", Context(""), None)
        decode = partial(seldon_rest.decode_metadata, max_depth=self._json_depth)
        found = self._read(decode, body, "metadata")
        self._metadata = {**metadata_of(None, unit=self.unit, image=self.image), **found}

    async def is_reachable(self) -> bool:
        """Whether somebody listens at the address (SELDON_V1 §3.6)."""
        is_reachable = await dial(self.address.host, self.address.port, DIAL_S)
        if is_reachable:
            self._calls.connected()
        return is_reachable

    def _step(
        self, operation: str, encode: Callable[[Q], bytes], decode: Callable[[bytes], A]
    ) -> Callable[[Q, Context], Awaitable[A]]:
        meter = self._metrics.calls(operation)

        async def run(question: Q, context: Context) -> A:
            started_s = perf_counter()
            try:
                body = await self._answer(operation, "POST", context, encode(question))
                answer = self._read(decode, body, operation)
            except BaseException as error:
                meter.failed(perf_counter() - started_s, error)
                raise
            meter.succeeded(perf_counter() - started_s)
            return answer

        return run

    async def _answer(self, operation: str, method: str, context: Context, body: bytes | None) -> bytes:
        """The body of a good answer; any other goes to the caller as it is (SELDON_V1 §3.4)."""
        url = self._base + seldon_rest.PATHS[operation]
        send = partial(
            self._transport.send,
            method,
            url,
            forwarded(context.headers, context.puid),
            body,
            answer_bytes=self._limits.answer_bytes,
            connect_s=self._limits.connect_s,
        )
        answer = await self._calls.make(send, url)
        if answer.status != HTTPStatus.OK:
            raise self._refused(answer.status, answer.body, url)
        return answer.body

    def _refused(self, status: int, body: bytes, url: str) -> VerbatimAnswer | BadAnswer:
        """A status that cannot be said on, or one without a JSON body, is no component's own word."""
        if status in range(400, 600) and seldon_rest.is_json_object(body, self._json_depth):
            return VerbatimAnswer(status, body)
        return BadAnswer(
            f"Unit `{self.unit}`: expected status 200 of {url}, got {status} {body[:200].decode(errors='replace')!r}"
        )

    def _read(self, decode: Callable[[bytes], A], body: bytes, operation: str) -> A:
        try:
            return decode(body)
        except BadMessage as error:
            path = seldon_rest.PATHS[operation]
            raise BadAnswer(f"Unit `{self.unit}` at {self.address} answered {path} with no message: {error}") from error
