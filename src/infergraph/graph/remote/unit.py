"""A unit that runs in another process."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from http import HTTPStatus
from time import perf_counter
from typing import Any, Protocol, TypeVar

from infergraph.errors import BadAnswer, BadMessage, ComponentLost, ComponentUnreachable, VerbatimAnswer
from infergraph.graph.context import Context
from infergraph.graph.remote import seldon_rest
from infergraph.graph.remote.address import Address
from infergraph.graph.remote.headers import forwarded
from infergraph.graph.remote.http_transport import (
    AnswerTooLarge,
    CallFailed,
    HttpAnswer,
    HttpTransport,
    NotConnected,
    dial,
)
from infergraph.graph.step import AggregateStep, FeedbackStep, RouteStep, Step
from infergraph.payloads import Feedback, Payload
from infergraph.payloads.payload import JsonObject
from infergraph.payloads.seldon_json import decode_message, encode_message
from infergraph.telemetry import UnitMetrics

ANSWER_BYTES = 64 * 2**20
DIAL_S = 1.0

Q = TypeVar("Q")
A = TypeVar("A")


class RemoteUnit:
    """A unit of the graph whose code answers at an address.

    It offers what a unit's component offers, each operation as a step that is ready to run. What the component answers
    goes on as it is: its meta too, which components merge and engines never touch (SELDON_V1 §3.2).
    ``answer_bytes`` and ``json_depth`` limit an answer as those of a request are limited.
    """

    def __init__(
        self,
        unit: str,
        address: Address,
        transport: HttpTransport,
        *,
        image: str = "",
        answer_bytes: int = ANSWER_BYTES,
        json_depth: int = 100,
        metrics: UnitMetrics | None = None,
    ) -> None:
        self.unit = unit
        self.address = address
        self.image = image
        self._transport = transport
        self._answer_bytes = answer_bytes
        self._json_depth = json_depth
        self._metrics = metrics or UnitMetrics()
        self._base = f"http://{address}"
        self._metadata: JsonObject | None = None

    def predict(self) -> Step:
        """POST /predict."""
        return self._step("predict", encode_message, self._message)

    def transform_input(self) -> Step:
        """POST /transform-input."""
        return self._step("transform_input", encode_message, self._message)

    def transform_output(self) -> Step:
        """POST /transform-output."""
        return self._step("transform_output", encode_message, self._message)

    def route(self) -> RouteStep:
        """POST /route."""
        decode = partial(seldon_rest.decode_route, max_depth=self._json_depth, unit=self.unit)
        return self._step("route", encode_message, decode)

    def aggregate(self) -> AggregateStep:
        """POST /aggregate with the answers of all children."""
        return self._step("aggregate", seldon_rest.encode_list, self._message)

    def send_feedback(self) -> FeedbackStep:
        """POST /send-feedback. It is not sent twice, whatever happens."""
        decode = partial(seldon_rest.decode_any_answer, max_depth=self._json_depth)
        step: Callable[[Feedback, Context], Awaitable[Payload]] = self._step(
            "send_feedback", seldon_rest.encode_feedback, decode, is_repeatable=False
        )
        return step

    async def status(self) -> Payload:
        """What the component says of its own health."""
        answer = await self._ask("health_status", "GET", Context(""), None)
        return self._decoded(partial(seldon_rest.decode_any_answer, max_depth=self._json_depth), answer, "GET")

    def metadata(self) -> JsonObject:
        """What the component last said of itself; what its image says, as long as nobody has asked it."""
        return self._metadata if self._metadata is not None else self._default_metadata()

    async def learn(self) -> None:
        """Ask the component what it is. :raises RequestError: when it does not say."""
        answer = await self._ask("metadata", "GET", Context(""), None)
        decode = partial(seldon_rest.decode_metadata, max_depth=self._json_depth)
        self._metadata = {**self._default_metadata(), **self._decoded(decode, answer, "metadata")}

    async def is_reachable(self) -> bool:
        """Whether somebody listens at the address (SELDON_V1 §3.6)."""
        return await dial(self.address.host, self.address.port, DIAL_S)
