"""The inference paths of the seldon protocol over REST: predictions and feedback (SELDON_V1 §3.4).

This is the hot path: from here on a request is a codec, a step, and a codec again.
"""

from time import perf_counter

import msgspec

from infergraph.graph import Context
from infergraph.graph.step import JsonStep
from infergraph.payloads import Payload, json_text
from infergraph.payloads.feedback import feedback_of
from infergraph.payloads.outline import is_message
from infergraph.payloads.seldon_json import decode_feedback, decode_message, encode_message
from infergraph.payloads.seldon_message import payload_of
from infergraph.servers.answers import Answer
from infergraph.servers.body import read_body
from infergraph.servers.form import is_json, message_in_form
from infergraph.servers.headers import ResponseHeaders
from infergraph.servers.request import Request
from infergraph.servers.route import VERSIONS, Endpoint, Route
from infergraph.servers.served import Served


def inference_routes(prefix: str, served: Served, headers: ResponseHeaders) -> dict[str, Route]:
    """Where a deployment answers predictions and feedback, by path."""
    endpoints: dict[str, Endpoint] = {"predictions": Predictions(served), "feedback": FeedbackReceiver(served)}
    return {
        f"{prefix}/api/{version}/{name}": _route(endpoint, name, served, headers)
        for version in VERSIONS
        for name, endpoint in endpoints.items()
    }


def _route(endpoint: Endpoint, name: str, served: Served, headers: ResponseHeaders) -> Route:
    meter = served.metrics.requests(name)
    return Route(("POST",), endpoint, headers, meter=meter, body_bytes=served.limits.body_bytes)


class Predictions:
    """POST …/api/v1.0/predictions: a SeldonMessage in, a SeldonMessage out."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._limits = served.limits

    async def __call__(self, request: Request) -> Answer:
        body = read_body(request, self._limits)
        executable, timings = self._served.executable, request.timings
        step, pass_on = executable.predict, executable.predict_json
        timings.received_s = perf_counter()
        if pass_on is not None and is_json(body, request) and is_message(body, self._limits.json_depth):
            return await self._passed_on(body, request, pass_on)
        if is_json(body, request):
            payload = decode_message(body, self._limits.json_depth)
        else:
            payload = payload_of(await message_in_form(body, request, self._limits.json_depth))
        context = Context(request.puid, request.fields, timings)
        timings.decoded_s = perf_counter()
        async with self._served.deadline():
            payload = await step(payload, context)
        timings.walked_s = perf_counter()
        return Answer(200, encode_message(with_routing(payload, context), body))

    async def _passed_on(self, body: bytes, request: Request, pass_on: JsonStep) -> Answer:
        """The component's own answer: nobody here has to read either message."""
        timings = request.timings
        context = Context(request.puid, request.fields, timings)
        timings.decoded_s = perf_counter()
        async with self._served.deadline():
            answer = await pass_on(body, context)
        timings.walked_s = perf_counter()
        return Answer(200, answer)


class FeedbackReceiver:
    """POST …/api/v1.0/feedback: a Feedback in, the root unit's reply out."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._limits = served.limits

    async def __call__(self, request: Request) -> Answer:
        body = read_body(request, self._limits)
        step = self._served.executable.feedback
        if is_json(body, request):
            feedback = decode_feedback(body, self._limits.json_depth)
        else:
            feedback = feedback_of(await message_in_form(body, request, self._limits.json_depth))
        context = Context(request.puid, request.fields, request.timings)
        async with self._served.deadline():
            reply = await step(feedback, context)
        if reply is None:  # no unit at the root takes feedback: the message itself is the reply
            return Answer(200, json_text.encode(feedback.message, body))
        return Answer(200, encode_message(reply, body))


def with_routing(payload: Payload, context: Context) -> Payload:
    """The answer, saying which way it went, so that feedback can go the same way."""
    if not context.routing:
        return payload
    meta = msgspec.structs.replace(payload.meta, routing={**(payload.meta.routing or {}), **context.routing})
    return msgspec.structs.replace(payload, meta=meta)
