"""The seldon protocol over gRPC: protobuf bytes to payload and back (SELDON_V1 §4.1, §4.2)."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
from google.protobuf import any_pb2, json_format
from google.protobuf.message import EncodeError

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import json_text, list_value, tensor_proto
from infergraph.payloads.arrays import check_shape, is_numeric
from infergraph.payloads.feedback import Feedback
from infergraph.payloads.meta_proto import fill_meta, fill_status, meta_of, status_of
from infergraph.payloads.payload import Array, Encoding, JsonObject, Payload
from infergraph.payloads.proto_message import parse, parse_cut
from infergraph.payloads.protos import Feedback as FeedbackProto
from infergraph.payloads.protos import SeldonMessage, SeldonMessageList
from infergraph.payloads.protos.wire import UNCUT, Contents, Paths, Piece, field
from infergraph.payloads.seldon_message import check_names, json_object_of

_DATA, _TFTENSOR, _BINDATA = 3, 4, 4  # of SeldonMessage, of DefaultData, of SeldonMessage
_MESSAGES = SeldonMessageList.DESCRIPTOR.fields_by_name["seldonMessages"].number
_PARTS = {name: FeedbackProto.DESCRIPTOR.fields_by_name[name].number for name in ("request", "response", "truth")}
_CUT: Paths = {_DATA: {_TFTENSOR: {tensor_proto.CONTENT: None}}, _BINDATA: None}


def decode_message(body: bytes, max_depth: int = json_text.MAX_DEPTH) -> Payload:
    """The payload of a SeldonMessage; JSON in it is nested at most ``max_depth`` levels deep.

    Numbers of ``data.ndarray`` and ``data.tensor`` are float64, whatever they were: protobuf has doubles there. A
    packed ``data.tftensor`` becomes a read-only view, of a large message on the body itself.

    :raises BadMessage: when the bytes are no SeldonMessage, or it holds no data that can be kept exactly.
    """
    proto, contents = parse_cut(SeldonMessage, body, _CUT)
    return payload_of(proto, max_depth, contents)


def decode_messages(body: bytes, max_depth: int = json_text.MAX_DEPTH) -> list[Payload]:
    """The payloads of a SeldonMessageList. :raises BadMessage: as `decode_message`, and when there are none."""
    messages = parse(SeldonMessageList, body).seldonMessages
    if not messages:
        raise BadMessage("Expected at least one message to aggregate, got an empty list")
    return [payload_of(message, max_depth) for message in messages]


def decode_any_message(body: bytes, max_depth: int = json_text.MAX_DEPTH) -> Payload:
    """As `decode_message`; the message may hold no data at all. :raises BadMessage: as there."""
    proto, contents = parse_cut(SeldonMessage, body, _CUT)
    if proto.WhichOneof("data_oneof") is None:
        return Payload(np.empty(0), Encoding.NONE, [], meta_of(proto), status_of(proto))
    return payload_of(proto, max_depth, contents)


def decode_feedback(body: bytes, max_depth: int = json_text.MAX_DEPTH) -> Feedback:
    """The feedback of a Feedback message. :raises BadMessage: as `decode_message`."""
    proto = parse(FeedbackProto, body)
    parts = {name: _part(proto, name, max_depth) for name in ("request", "response", "truth")}
    message: JsonObject = {name: json_object_of(part) for name, part in parts.items() if proto.HasField(name)}
    if not np.isfinite(proto.reward):
        raise BadMessage(f"Expected a finite number, got {proto.reward} - at `$.reward`")
    return Feedback(**parts, reward=proto.reward, message={**message, "reward": proto.reward})


def encode_message(payload: Payload) -> bytes:
    """The SeldonMessage of a payload. Packed tensors and ``binData`` are copied once, into the message.

    :raises BadAnswer: when it holds something that the message cannot say.
    """
    proto = SeldonMessage()
    try:
        fill_meta(proto.meta, payload.meta)
        if payload.status is not None:
            fill_status(proto.status, payload.status)
        tail = _WRITERS[payload.encoding](payload, proto)
        body: bytes = proto.SerializeToString()
    except (TypeError, ValueError, OverflowError, RecursionError, json_format.ParseError, EncodeError) as error:
        raise BadAnswer(f"The answer holds a value that a SeldonMessage cannot say: {error}") from error
    return b"".join([body, *tail]) if tail else body


def encode_messages(payloads: Sequence[Payload]) -> bytes:
    """The SeldonMessageList of several payloads. :raises BadAnswer: as `encode_message`."""
    return b"".join([piece for payload in payloads for piece in field(_MESSAGES, [encode_message(payload)])])


def encode_feedback(feedback: Feedback) -> bytes:
    """The Feedback message, with those parts that came. :raises BadAnswer: as `encode_message`."""
    pieces: list[Piece] = [FeedbackProto(reward=feedback.reward).SerializeToString()]
    for name, number in _PARTS.items():
        if feedback.message.get(name) is not None:
            pieces += field(number, [encode_message(getattr(feedback, name))])
    return b"".join(pieces)


def encode_verbatim(body: bytes) -> bytes:
    """The SeldonMessage that a component wrote as JSON, with its own status. :raises BadAnswer: when it is none."""
    try:
        message = json_format.Parse(body, SeldonMessage(), ignore_unknown_fields=True)
    except json_format.ParseError as error:
        raise BadAnswer(f"The component's answer is no SeldonMessage: {error}") from error
    written: bytes = message.SerializeToString()
    return written


def payload_of(proto: Any, max_depth: int = json_text.MAX_DEPTH, contents: Contents = UNCUT) -> Payload:
    """The payload of a SeldonMessage. :raises BadMessage: when it holds no data that can be kept exactly."""
    kind = proto.WhichOneof("data_oneof")
    if kind not in _READERS:
        raise _no_data(kind)
    data, encoding, names = _READERS[kind](proto, contents)
    meta, status = meta_of(proto), status_of(proto)
    if data.__class__ is not np.ndarray or data.dtype == object:
        json_text.check_depth(data.tolist() if isinstance(data, np.ndarray) else data, max_depth)
    if meta.tags:
        json_text.check_depth(meta.tags, max_depth)
    return Payload(data, encoding, names, meta, status)


def _no_data(kind: str | None) -> BadMessage:
    got = "none of them" if kind is None else kind
    expected = "data, strData, binData, jsonData and customData"
    return BadMessage(f"Unknown data in SeldonMessage: expected one of {expected}, got {got}")


def _part(feedback: Any, name: str, max_depth: int) -> Payload:
    """One part; an absent one, and one that holds only meta, is a payload without data."""
    part = getattr(feedback, name)
    if part.WhichOneof("data_oneof") in (None, "customData"):
        return Payload(np.empty(0), Encoding.NONE, [], meta_of(part), status_of(part))
    try:
        return payload_of(part, max_depth)
    except BadMessage as error:
        raise BadMessage(f"In {name}: {error}") from None


_Read = tuple[Any, Encoding, list[str]]


def _read_data(proto: Any, contents: Contents) -> _Read:
    data = proto.data
    array, encoding = _array(data, contents)
    names = list(data.names)
    if names:
        check_names(names, array)
    return array, encoding, names


def _array(data: Any, contents: Contents) -> tuple[Array, Encoding]:
    kind = data.WhichOneof("data_oneof")
    if kind == "ndarray":
        return list_value.decode(data.ndarray), Encoding.NDARRAY
    if kind == "tensor":
        shape = list(data.tensor.shape)
        check_shape(shape, len(data.tensor.values), "$.data.tensor")
        return np.array(data.tensor.values, dtype=np.float64).reshape(shape), Encoding.TENSOR
    if kind == "tftensor":
        return tensor_proto.decode(data.tftensor, contents), Encoding.TFTENSOR
    return np.empty(0), Encoding.NDARRAY


_READERS: dict[str | None, Callable[[Any, Contents], _Read]] = {
    "data": _read_data,
    "strData": lambda proto, _: (proto.strData, Encoding.TEXT, []),
    "binData": lambda proto, contents: (bytes(contents.of(proto.binData)), Encoding.BYTES, []),  # a component's type
    "customData": lambda proto, _: (any_pb2.Any.FromString(proto.customData.SerializeToString()), Encoding.CUSTOM, []),
    "jsonData": lambda proto, _: (list_value.plain(proto.jsonData), Encoding.JSON, []),
}


def _write_data(payload: Payload, proto: Any) -> list[Piece]:
    data, array = proto.data, payload.data
    data.names.extend(payload.names)
    if payload.encoding is Encoding.NDARRAY:
        list_value.encode(array, data.ndarray)
    else:
        data.tensor.MergeFromString(list_value.packed_tensor(array))
    return []


def _write_untold(payload: Payload, proto: Any) -> list[Piece]:
    """An array that came in another protocol, as REST writes it (`seldon_message`)."""
    encoding = Encoding.TENSOR if is_numeric(payload.data) else Encoding.NDARRAY
    return _WRITERS[encoding](msgspec.structs.replace(payload, encoding=encoding), proto)


def _write_tftensor(payload: Payload, proto: Any) -> list[Piece]:
    names = proto.data.__class__(names=payload.names).SerializeToString()
    return field(_DATA, [names, *field(_TFTENSOR, tensor_proto.encode(payload.data))])


def _write_text(payload: Payload, proto: Any) -> list[Piece]:
    proto.strData = payload.data
    return []


def _write_bytes(payload: Payload, _: Any) -> list[Piece]:
    return field(_BINDATA, [payload.data])


def _write_json(payload: Payload, proto: Any) -> list[Piece]:
    list_value.fill(proto.jsonData, json_text.plain(payload.data))
    return []


def _write_custom(payload: Payload, proto: Any) -> list[Piece]:
    proto.customData.MergeFromString(payload.data.SerializeToString())
    return []


def _write_nothing(_: Payload, __: Any) -> list[Piece]:
    """A message without data says so by having none."""
    return []


_WRITERS: dict[Encoding, Callable[[Payload, Any], list[Piece]]] = {
    Encoding.NDARRAY: _write_data,
    Encoding.TENSOR: _write_data,
    Encoding.TFTENSOR: _write_tftensor,
    Encoding.TEXT: _write_text,
    Encoding.BYTES: _write_bytes,
    Encoding.JSON: _write_json,
    Encoding.TENSORS: _write_json,  # which the seldon protocol has no other words for
    Encoding.CUSTOM: _write_custom,
    Encoding.NONE: _write_nothing,
    Encoding.V2: _write_untold,
    Encoding.TF: _write_untold,
}
"""What each writes into the message; it returns what follows it, which protobuf would copy."""
