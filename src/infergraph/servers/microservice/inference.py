"""The paths on which a component is asked over REST (SELDON_V1 §4.2).

This is the hot path: from here on a request is a codec, a step, and a codec again.
"""

from collections.abc import Callable
from operator import attrgetter
from time import perf_counter
from typing import Any

from infergraph.errors import BadMessage
from infergraph.graph import Context
from infergraph.graph.step import Step
from infergraph.payloads import Payload
from infergraph.payloads.feedback import feedback_of
from infergraph.payloads.json_text import decode
from infergraph.payloads.seldon_json import decode_feedback, decode_message, encode_message
from infergraph.payloads.seldon_message import payload_of
from infergraph.servers.answers import Answer, Form
from infergraph.servers.body import read_body
from infergraph.servers.form import is_json, message_in_form
from infergraph.servers.headers import ResponseHeaders
from infergraph.servers.microservice.unit import ServedUnit, Steps
from infergraph.servers.request import Request
from infergraph.servers.route import VERSIONS, Endpoint, Route

ASKED = ("GET", "HEAD", "POST")
"""A question may stand in the query of a GET."""


def inference_routes(unit: ServedUnit, headers: ResponseHeaders, *, passes_payload: bool = False) -> dict[str, Route]:
    """Where a component is asked, by path."""
    predict: Endpoint = Passthrough(unit) if passes_payload else Question(unit, "predict")
    feedback = FeedbackQuestion(unit)
    endpoints: dict[str, Endpoint] = {
        "/predict": predict,
        "/transform-input": Question(unit, "transform_input"),
        "/transform-output": Question(unit, "transform_output"),
        "/route": Question(unit, "route"),
        "/aggregate": AggregateQuestion(unit),
        "/send-feedback": feedback,
    }
    routes = {path: _route(ASKED, endpoint, path, unit, headers) for path, endpoint in endpoints.items()}
    for version in VERSIONS:
        path = f"/api/{version}"
        routes[f"{path}/predictions"] = _route(("POST",), predict, "/predict", unit, headers)
        routes[f"{path}/feedback"] = _route(("POST",), feedback, "/send-feedback", unit, headers)
    return routes


def _route(
    methods: tuple[str, ...], endpoint: Endpoint, service: str, unit: ServedUnit, headers: ResponseHeaders
) -> Route:
    meter = unit.metrics.requests(service)
    return Route(methods, endpoint, headers, Form.COMPONENT, meter, body_bytes=unit.limits.body_bytes)


class Question:
    """A SeldonMessage in, a SeldonMessage out: predictions, both transformations, and the choice of a branch."""

    def __init__(self, unit: ServedUnit, operation: str) -> None:
        self._unit = unit
        self._limits = unit.limits
        self._step_of: Callable[[Steps], Step] = attrgetter(operation)

    async def __call__(self, request: Request) -> Answer:
        body = read_body(request, self._limits)
        step, timings = self._step_of(self._unit.steps), request.timings
        timings.received_s = perf_counter()
        if is_json(body, request):
            payload = decode_message(body, self._limits.json_depth)
        else:
            payload = payload_of(await message_in_form(body, request, self._limits.json_depth))
        context = Context(request.puid, request.fields, timings)
        timings.decoded_s = perf_counter()
        async with self._unit.deadline():
            payload = await step(payload, context)
        timings.walked_s = perf_counter()
        return Answer(200, encode_message(payload, body))


class Passthrough:
    """The bytes of a body in, those of the answer's out; nothing is read here."""

    def __init__(self, unit: ServedUnit) -> None:
        self._unit = unit

    async def __call__(self, request: Request) -> Answer:
        body = read_body(request, self._unit.limits)
        step = self._unit.passthrough_step
        async with self._unit.deadline():
            answer = await step(body, Context(request.puid, request.fields, request.timings))
        return Answer(200, answer)


class AggregateQuestion:
    """Several SeldonMessages in, one out: a list of them, or an object that holds one as ``seldonMessages``."""

    def __init__(self, unit: ServedUnit) -> None:
        self._unit = unit
        self._limits = unit.limits

    async def __call__(self, request: Request) -> Answer:
        body = read_body(request, self._limits)
        step, timings, max_depth = self._unit.steps.aggregate, request.timings, self._limits.json_depth
        timings.received_s = perf_counter()
        is_plain = is_json(body, request)
        payloads = _several(decode(body, max_depth) if is_plain else await message_in_form(body, request, max_depth))
        context = Context(request.puid, request.fields, timings)
        timings.decoded_s = perf_counter()
        async with self._unit.deadline():
            payload = await step(payloads, context)
        timings.walked_s = perf_counter()
        return Answer(200, encode_message(payload, body))


class FeedbackQuestion:
    """A Feedback in, a SeldonMessage out."""

    def __init__(self, unit: ServedUnit) -> None:
        self._unit = unit
        self._limits = unit.limits

    async def __call__(self, request: Request) -> Answer:
        body = read_body(request, self._limits)
        step = self._unit.steps.send_feedback
        if is_json(body, request):
            feedback = decode_feedback(body, self._limits.json_depth)
        else:
            feedback = feedback_of(await message_in_form(body, request, self._limits.json_depth))
        context = Context(request.puid, request.fields, request.timings)
        async with self._unit.deadline():
            payload = await step(feedback, context)
        return Answer(200, encode_message(payload, body))


def _several(value: Any) -> list[Payload]:
    """The messages of a question to a combiner. :raises BadMessage: when there are none."""
    messages = value.get("seldonMessages") if isinstance(value, dict) else value
    if not isinstance(messages, list):
        raise BadMessage(
            f"Invalid request data type: {repr(value)[:100]}; expected a list of messages, "
            'or {"seldonMessages": [...]}'
        )
    if not messages:
        raise BadMessage("Expected at least one message to aggregate, got an empty list")
    return [payload_of(message) for message in messages]
