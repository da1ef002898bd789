"""The seldon protocol over REST, as an engine speaks it to a component (SELDON_V1 §3.5, §4.2)."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from infergraph.components.reply import raw_route_of
from infergraph.errors import BadMessage
from infergraph.graph.remote.exchange import FULL_HEALTH, PASSING, Exchange, Exchanges, Subject
from infergraph.payloads import Encoding, Feedback, Payload, json_text
from infergraph.payloads.outline import is_message
from infergraph.payloads.payload import NO_META
from infergraph.payloads.seldon_json import encode_message
from infergraph.payloads.seldon_message import parsed, payload_of

_BARE = b"[NaN]"  # as a question that writes such numbers bare, which is how the v1 wrapper reads them as numbers


def exchanges(subject: Subject) -> Exchanges:
    """Every operation."""
    unit, max_depth = subject.unit, subject.max_depth
    message = partial(decode_answer, max_depth=max_depth)
    anything = partial(decode_any_answer, max_depth=max_depth)
    return {
        "predict": Exchange("/predict", encode, message),
        PASSING: Exchange("/predict", bytes, partial(checked_answer, max_depth=max_depth)),
        "transform_input": Exchange("/transform-input", encode, message),
        "transform_output": Exchange("/transform-output", encode, message),
        "route": Exchange("/route", encode, partial(decode_route, max_depth=max_depth, unit=unit)),
        "aggregate": Exchange("/aggregate", encode_list, message),
        "send_feedback": Exchange("/send-feedback", encode_feedback, anything),
        "health_status": Exchange("/health/status", None, anything),
        FULL_HEALTH: Exchange("/api/v1.0/health/status", None, bytes),  # any 200 will do
        "metadata": Exchange("/metadata", None, partial(decode_metadata, max_depth=max_depth)),
    }


def encode(payload: Payload) -> bytes:
    """A message as a component gets it."""
    return encode_message(payload, _BARE)


def encode_list(payloads: Sequence[Payload]) -> bytes:
    """The answers of the children as a component gets them: a bare array."""
    return b"[%b]" % b",".join(map(encode, payloads))


def encode_feedback(feedback: Feedback) -> bytes:
    """A feedback, as it came."""
    return json_text.encode(feedback.message, _BARE)


def decode_answer(body: bytes, max_depth: int) -> Payload:
    """The payload of an answer. :raises BadMessage: when it is no SeldonMessage."""
    return payload_of(json_text.decode(body, max_depth))


def checked_answer(body: bytes, max_depth: int) -> bytes:
    """An answer that is passed on as it is, or written anew where that says more than JSON can.

    :raises BadMessage: when it is no SeldonMessage.
    """
    if is_message(body, max_depth):
        return json_text.escape_html(body)
    return encode_message(decode_answer(body, max_depth))


def decode_any_answer(body: bytes, max_depth: int) -> Payload:
    """As `decode_answer`; the answer may hold no data at all, as those to feedback and to questions for health."""
    message = json_text.decode(body, max_depth)
    if isinstance(message, dict) and message.keys() <= {"meta", "status"}:
        part = parsed(message)
        return Payload(np.empty(0), Encoding.NONE, [], part.meta or NO_META, part.status)
    return payload_of(message)


def decode_route(body: bytes, max_depth: int, unit: str) -> int:
    """The branch that an answer names. :raises BadMessage: when it is neither a message nor a list."""
    value: Any = json_text.decode(body, max_depth)
    if not isinstance(value, dict | list):
        raise BadMessage(f"expected a SeldonMessage or a list, got {value!r:.100}")
    return raw_route_of(value, unit)


def decode_metadata(body: bytes, max_depth: int) -> dict[str, Any]:
    """What a component says of itself. :raises BadMessage: when that is no JSON object."""
    value = json_text.decode(body, max_depth)
    if not isinstance(value, dict):
        raise BadMessage(f"expected a JSON object, got {value!r:.100}")
    return value
