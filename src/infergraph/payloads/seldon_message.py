"""The SeldonMessage (SELDON_V1 §4.1) as a typed JSON object, and the payload that it holds."""

from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET

from infergraph.errors import BadMessage
from infergraph.payloads import arrays, json_text, tftensor
from infergraph.payloads.payload import NO_META, Array, Encoding, JsonObject, Meta, Payload, check_not_custom


class Tensor(msgspec.Struct):
    """data.tensor: values in row-major order."""

    shape: list[int]
    values: list[Any]


class Data(msgspec.Struct):
    """data: column names and one kind of array."""

    names: list[str] | None = None
    ndarray: Any = UNSET
    tensor: Tensor | None = None
    tftensor: JsonObject | None = None


class SeldonMessage(msgspec.Struct):
    """The message; unknown fields are ignored, as the v1 wrapper does."""

    data: Data | None = None
    meta: Meta | None = None
    status: JsonObject | None = None
    strData: str | None = None  # noqa: N815 - the protocol's own names
    binData: bytes | None = None  # noqa: N815
    jsonData: Any = UNSET  # noqa: N815
    customData: Any = UNSET  # noqa: N815


def payload_of(message: Any) -> Payload:
    """The payload of a SeldonMessage that is a JSON object.

    :raises BadMessage: when it is none, or holds something that cannot be kept exactly.
    """
    if not isinstance(message, dict):
        raise BadMessage(f"Invalid request data type: {_brief(message)}")
    return payload_in(parsed(message), lambda: message)


def parsed(message: JsonObject) -> SeldonMessage:
    """The typed message of a JSON object.

    :raises BadMessage: when a field has another type.
    """
    try:
        return msgspec.convert(message, SeldonMessage)
    except msgspec.ValidationError as error:
        raise BadMessage(f"Invalid request data type: {error}") from None


def payload_in(message: SeldonMessage, source: Any) -> Payload:
    """The payload of a typed message; ``source()`` gives the JSON value that it was, for the error.

    :raises BadMessage: when it holds no data, more than one kind, or data that cannot be kept exactly.
    """
    data, text, content, value = message.data, message.strData, message.binData, message.jsonData
    if (data is not None) + (text is not None) + (content is not None) + (value is not UNSET) != 1:
        raise _not_one(message, source())
    meta = message.meta or NO_META
    if data is not None:
        return _array_payload(data, meta, message.status)
    if text is not None:
        return Payload(text, Encoding.TEXT, [], meta, message.status)
    if content is not None:
        return Payload(content, Encoding.BYTES, [], meta, message.status)
    return Payload(value, Encoding.JSON, [], meta, message.status)


def message_of(payload: Payload) -> JsonObject:
    """The SeldonMessage of a payload, as a JSON object whose leaves may be numpy scalars."""
    encoding = payload.encoding
    message: JsonObject
    if encoding is Encoding.NDARRAY:
        message = {"data": {"names": payload.names, "ndarray": payload.data.tolist()}, "meta": payload.meta}
    elif encoding is Encoding.TENSOR:
        message = {"data": {"names": payload.names, "tensor": _tensor(payload.data)}, "meta": payload.meta}
    elif encoding is Encoding.TFTENSOR:
        message = {"data": {"names": payload.names, "tftensor": tftensor.encode(payload.data)}, "meta": payload.meta}
    elif encoding is Encoding.V2 or encoding is Encoding.TF:
        message = {"data": {"names": payload.names, **_plain_array(payload.data)}, "meta": payload.meta}
    elif encoding is Encoding.NONE:
        message = {"meta": payload.meta}
    elif encoding is Encoding.BYTES:
        message = {"binData": payload.data, "meta": payload.meta}
    elif encoding is Encoding.JSON or encoding is Encoding.TENSORS:
        message = {"jsonData": payload.data, "meta": payload.meta}
    else:
        check_not_custom(payload)
        message = {"meta": payload.meta, "strData": payload.data}
    if payload.status is not None:
        message["status"] = payload.status
    return message


def json_object_of(payload: Payload) -> JsonObject:
    """The SeldonMessage of a payload in plain JSON types, for components that want the raw message."""
    plain: JsonObject = json_text.plain(message_of(payload))
    return plain


def _array_payload(data: Data, meta: Meta, status: JsonObject | None) -> Payload:
    array, encoding = _array(data)
    names = data.names or []
    if names:
        check_names(names, array)
    return Payload(array, encoding, names, meta, status)


def _array(data: Data) -> tuple[Array, Encoding]:
    if (data.ndarray is not UNSET) + (data.tensor is not None) + (data.tftensor is not None) > 1:
        raise BadMessage("Expected one of ndarray, tensor and tftensor, got more than one - at `$.data`")
    if data.ndarray is not UNSET:
        return arrays.from_nested(data.ndarray, "$.data.ndarray"), Encoding.NDARRAY
    if data.tensor is not None:
        return arrays.from_tensor(data.tensor.shape, data.tensor.values, "$.data.tensor"), Encoding.TENSOR
    if data.tftensor is not None:
        return tftensor.decode(data.tftensor), Encoding.TFTENSOR
    return np.empty(0), Encoding.NDARRAY


def check_names(names: list[str], array: Array) -> None:
    """Refuse names of another number than the columns. :raises BadMessage: then."""
    width = array.shape[1] if array.ndim > 1 else array.shape[0] if array.ndim else 1
    if len(names) != width:
        raise BadMessage(f"Expected one name for each of {width} columns, got {len(names)} - at `$.data.names`")


def _plain_array(array: Array) -> JsonObject:
    """An array that came in another protocol."""
    return {"tensor": _tensor(array)} if arrays.is_numeric(array) else {"ndarray": array.tolist()}


def _tensor(array: Array) -> JsonObject:
    return {"shape": list(array.shape), "values": array.ravel().tolist()}


def _not_one(message: SeldonMessage, source: Any) -> BadMessage:
    given = [name for name in ("data", "strData", "binData") if getattr(message, name) is not None]
    given += [name for name in ("jsonData", "customData") if getattr(message, name) is not UNSET]
    if len(given) > 1:
        return BadMessage(f"A message holds one of data, strData, binData and jsonData, got {' and '.join(given)}")
    if given:
        return BadMessage("customData travels over gRPC only; send data, strData, binData or jsonData")
    if not source:  # word for word what the v1 wrapper answers
        return BadMessage("Invalid request data type: {}")
    return BadMessage(
        f"Invalid request data type: {_brief(source)} holds none of data, strData, binData and jsonData; "
        'try {"data":{"ndarray":[[1.0,2.0]]}}'
    )


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]}…"
