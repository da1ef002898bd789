"""The Feedback message (SELDON_V1 §4.1): what was asked, what was answered, and how good it was."""

import math
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET

from infergraph.errors import BadMessage
from infergraph.payloads.payload import NO_META, Encoding, JsonObject, Payload
from infergraph.payloads.seldon_message import parsed, payload_in


class Feedback(msgspec.Struct, frozen=True):
    """A decoded Feedback. Parts that were not sent are payloads without data.

    ``message`` is the JSON object as it came, for components that want it raw.
    """

    request: Payload
    response: Payload
    truth: Payload
    reward: float
    message: JsonObject


class _Fields(msgspec.Struct):
    request: JsonObject | None = None
    response: JsonObject | None = None
    reward: float | None = None
    truth: JsonObject | None = None


def feedback_of(message: Any) -> Feedback:
    """The feedback that a JSON object says.

    :raises BadMessage: for unknown fields, and for a part that is no SeldonMessage.
    """
    if not isinstance(message, dict):
        raise BadMessage("Invalid JSON: expected a Feedback object with request, response, reward or truth")
    if unknown := [name for name in message if name not in _Fields.__struct_fields__]:
        raise BadMessage(
            f'Invalid JSON: Message type "seldon.protos.Feedback" has no field named "{unknown[0]}" at "Feedback".\n'
            f" Available Fields: {list(_Fields.__struct_fields__)}"
        )
    try:
        fields = msgspec.convert(message, _Fields)
    except msgspec.ValidationError as error:
        raise BadMessage(f"Invalid JSON: {error}") from None
    return Feedback(
        request=_part(fields.request, "request"),
        response=_part(fields.response, "response"),
        truth=_part(fields.truth, "truth"),
        reward=_reward(fields.reward),
        message=message,
    )


def _part(message: JsonObject | None, name: str) -> Payload:
    """One part; an absent one, and one that holds only meta, is a payload without data."""
    try:
        part = parsed(message or {})
        if part.data is None and part.strData is None and part.binData is None and part.jsonData is UNSET:
            return Payload(np.empty(0), Encoding.NONE, [], part.meta or NO_META, part.status)
        return payload_in(part, lambda: message)
    except BadMessage as error:
        raise BadMessage(f"Invalid JSON: in {name}: {error}") from None


def _reward(reward: float | None) -> float:
    if reward is None:
        return 0.0
    if not math.isfinite(reward):
        raise BadMessage(f"Invalid JSON: expected a finite number, got {reward} - at `$.reward`")
    return reward
