"""The inference paths of the seldon protocol over REST: predictions and feedback (SELDON_V1 §3.4).

This is the hot path: from here on a request is a codec, a step, and a codec again.
"""

import asyncio
from collections.abc import Mapping

import msgspec
from starlette.types import Receive, Scope, Send

from infergraph.errors import DeadlineExceeded, NotReady
from infergraph.graph import Context
from infergraph.payloads import Feedback, Payload, json_text
from infergraph.payloads.feedback import feedback_of
from infergraph.payloads.seldon_json import decode_feedback, decode_message, encode_message
from infergraph.payloads.seldon_message import payload_of
from infergraph.servers.answers import Answer, answer_to
from infergraph.servers.body import ClientGone, is_json, message_in_form, read_body
from infergraph.servers.headers import ResponseHeaders
from infergraph.servers.served import Served

METHODS = "OPTIONS,POST"


class Inference:
    """One inference path: an ASGI application for its POST requests."""

    def __init__(self, served: Served, headers: ResponseHeaders) -> None:
        self._served = served
        self._limits = served.limits
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        puid = self._headers.puid(headers)
        context = Context(puid, scope["headers"])
        try:
            body = await read_body(headers, receive, self._limits)
            if self._served.timeout_s is None:
                answer = await self._answer(body, headers, scope, context)
            else:
                answer = await self._answer_in_time(body, headers, scope, context, self._served.timeout_s)
        except ClientGone:
            return
        except asyncio.CancelledError:  # the drain has run out of time
            answer = answer_to(NotReady("The server is going down, and this request was not done in time"), puid)
        except Exception as error:  # noqa: BLE001 - answered and logged in one place
            answer = answer_to(error, puid)
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": self._headers.of(scope, headers, METHODS, puid, answer),
            }
        )
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, body: bytes, headers: Mapping[bytes, bytes], scope: Scope, context: Context) -> Answer:
        raise NotImplementedError

    async def _answer_in_time(
        self, body: bytes, headers: Mapping[bytes, bytes], scope: Scope, context: Context, timeout_s: float
    ) -> Answer:
        try:
            async with asyncio.timeout(timeout_s):
                return await self._answer(body, headers, scope, context)
        except TimeoutError:
            raise DeadlineExceeded(
                f"No answer within {timeout_s:g} s, the limit that annotation seldon.io/rest-timeout sets"
            ) from None


class Predictions(Inference):
    """POST …/api/v1.0/predictions: a SeldonMessage in, a SeldonMessage out."""

    async def _answer(self, body: bytes, headers: Mapping[bytes, bytes], scope: Scope, context: Context) -> Answer:
        step = self._served.executable.predict
        content_type = headers.get(b"content-type")
        if is_json(content_type) and (body or not scope["query_string"]):
            payload = decode_message(body, self._limits.json_depth)
        else:
            payload = payload_of(await message_in_form(body, content_type or b"", scope["query_string"]))
        return Answer(200, encode_message(_with_routing(await step(payload, context), context), body))


class FeedbackReceiver(Inference):
    """POST …/api/v1.0/feedback: a Feedback in, the root unit's reply out."""

    async def _answer(self, body: bytes, headers: Mapping[bytes, bytes], scope: Scope, context: Context) -> Answer:
        step = self._served.executable.feedback
        feedback = await self._feedback(body, headers.get(b"content-type"), scope["query_string"])
        reply = await step(feedback, context)
        if reply is None:  # no unit at the root takes feedback: the message itself is the reply
            return Answer(200, json_text.encode(feedback.message, body))
        return Answer(200, encode_message(reply, body))

    async def _feedback(self, body: bytes, content_type: bytes | None, query: bytes) -> Feedback:
        if is_json(content_type) and (body or not query):
            return decode_feedback(body, self._limits.json_depth)
        return feedback_of(await message_in_form(body, content_type or b"", query))


def _with_routing(payload: Payload, context: Context) -> Payload:
    """The answer, saying which way it went, so that feedback can go the same way."""
    if not context.routing:
        return payload
    meta = msgspec.structs.replace(payload.meta, routing={**(payload.meta.routing or {}), **context.routing})
    return msgspec.structs.replace(payload, meta=meta)
