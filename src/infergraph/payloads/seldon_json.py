"""The seldon protocol over REST: bytes to payload and back (SELDON_V1 §4.1, §4.2)."""

import msgspec

from infergraph.errors import BadMessage
from infergraph.payloads import json_text
from infergraph.payloads.feedback import Feedback, feedback_of
from infergraph.payloads.payload import Payload
from infergraph.payloads.seldon_message import SeldonMessage, message_of, payload_in, payload_of

_decoder = msgspec.json.Decoder(SeldonMessage)


def decode_message(body: bytes, max_depth: int = json_text.MAX_DEPTH) -> Payload:
    """The payload of a SeldonMessage, nested at most ``max_depth`` levels deep.

    :raises BadMessage: when the body is not JSON, or not a message that can be kept exactly.
    """
    try:
        message = _decoder.decode(body)
    except msgspec.ValidationError as error:
        value = json_text.decode_with_care(body, error, max_depth)
        raise BadMessage(
            f"Invalid request data type: {error if isinstance(value, dict) else repr(value)[:100]}"
        ) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return payload_of(json_text.decode_with_care(body, error, max_depth))
    payload = payload_in(message, lambda: json_text.decode(body, max_depth))
    if payload.is_array and payload.data.dtype != object:  # an array of numbers has few dimensions
        if not json_text.is_shallow(body, max_depth):
            json_text.check_depth([payload.meta, payload.status], max_depth)
    else:
        json_text.check_text_depth(body, max_depth)
    return payload


def decode_feedback(body: bytes, max_depth: int = json_text.MAX_DEPTH) -> Feedback:
    """The feedback of a Feedback message.

    :raises BadMessage: as `decode_message`, and for unknown fields.
    """
    return feedback_of(json_text.decode(body, max_depth))


def encode_message(payload: Payload, question: bytes = b"") -> bytes:
    """The SeldonMessage of a payload, with sorted keys; ``question`` is the body that it answers.

    :raises BadAnswer: when it holds something that JSON cannot say.
    """
    return json_text.encode(message_of(payload), question)
