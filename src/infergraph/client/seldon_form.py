"""Payloads as messages of the seldon protocol, in JSON, each array in the form that keeps its type."""

import base64
from typing import Any

import msgspec
import numpy as np

from infergraph.client.errors import BadReply, Unsendable
from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import json_text, seldon_json, tftensor
from infergraph.payloads.payload import Array, Encoding, JsonObject, Payload
from infergraph.payloads.seldon_message import message_of

MAX_DEPTH = 1000  # of an answer: the server has had its own limit
_BARE = b"[NaN"  # numbers that JSON has no word for are written bare, so that they are answered so


def sendable(payload: Payload) -> Payload:
    """The payload in an encoding that keeps the type of its array.

    :raises Unsendable: when the protocol has none.
    """
    if payload.encoding is Encoding.TENSORS:
        raise Unsendable("The seldon protocol has one array in a message; several by name go over REST, without tags")
    if payload.encoding is not Encoding.V2:
        return payload
    return msgspec.structs.replace(payload, encoding=encoding_of(payload.data))


def encoding_of(array: Array) -> Encoding:
    """The encoding that keeps an array's type and shape. :raises Unsendable: when none does."""
    if array.dtype == object:
        if not array.size or bytes in set(map(type, array.ravel())):
            raise Unsendable(
                "The seldon protocol has no form for bytes in an array, nor for an empty array of texts; "
                "they go over REST, without names and tags"
            )
        return Encoding.NDARRAY
    if array.dtype.newbyteorder("=") in _TENSOR_TYPES and array.size:
        return Encoding.TENSOR
    if array.dtype.name in tftensor.NAMES:
        return Encoding.TFTENSOR
    raise Unsendable(f"{array.dtype} cannot be sent in the seldon protocol; send array.astype('float32')")


_TENSOR_TYPES = (np.dtype("float64"), np.dtype("int64"))


def encode(payload: Payload) -> bytes:
    """The message of a payload. :raises Unsendable: when JSON cannot say it."""
    return encode_json(message(payload))


def message(payload: Payload) -> JsonObject:
    """The message as a JSON object; a typed tensor is packed."""
    payload = sendable(payload)
    if payload.encoding is not Encoding.TFTENSOR:
        return message_of(payload)
    tensor = _packed(payload.data)
    return {"data": {"names": payload.names, "tftensor": tensor}, "meta": payload.meta}


def encode_json(value: JsonObject) -> bytes:
    """The JSON of a message. :raises Unsendable: when JSON cannot say it."""
    try:
        return json_text.encode(value, _BARE)
    except BadAnswer as error:
        raise Unsendable(f"JSON cannot say this: {error.__cause__}") from None


def decode(body: bytes) -> Payload:
    """The payload of an answer. :raises BadReply: when it is none."""
    try:
        return seldon_json.decode_message(body, MAX_DEPTH)
    except BadMessage as error:
        raise BadReply(f"The answer is no message of the seldon protocol: {error}") from None


def feedback(request: Payload, response: Payload, truth: Payload | None, reward: float) -> JsonObject:
    """The Feedback of an answer that was given."""
    parts: dict[str, Any] = {"request": part(request), "response": part(response), "reward": reward}
    return parts if truth is None else {**parts, "truth": part(truth)}


def part(payload: Payload) -> JsonObject:
    """A payload inside a feedback; what only v2 has is said as nearly as the seldon protocol can."""
    try:
        return message(payload)
    except Unsendable:
        return message_of(msgspec.structs.replace(payload, data=_listed(payload.data), encoding=Encoding.JSON))


def _listed(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _listed(array) for name, array in data.items()}
    return [_text(value) for value in data.tolist()] if data.dtype == object else data.tolist()


def _text(value: Any) -> Any:
    if isinstance(value, list):
        return [_text(item) for item in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _packed(array: Array) -> JsonObject:
    values = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return {
        "dtype": tftensor.NAMES[array.dtype.name],
        "tensorContent": base64.b64encode(values.data if values.size else b"").decode(),
        "tensorShape": {"dim": [{"size": str(size)} for size in array.shape]},
    }
