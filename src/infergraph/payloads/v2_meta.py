"""What a message has beside its arrays, carried through the v2 protocol, which has no place for it.

A request with the parameter ``infergraph_meta`` true gets it as the parameter of the same name of the response, a JSON
text: names of columns, meta, and the encoding when the answer is no array. Then texts are marked by the content_type
``str``, so that they can be told from bytes.
"""

from typing import Any

import msgspec
import numpy as np

from infergraph.payloads import json_text
from infergraph.payloads.arrays import from_nested
from infergraph.payloads.payload import NO_META, Array, Encoding, JsonObject, Meta, Payload

PARAMETER = "infergraph_meta"


class Carried(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is beside the arrays. ``encoding`` says what one element of BYTES is, where the answer is no array."""

    encoding: Encoding = Encoding.V2
    meta: Meta = NO_META
    names: list[str] = []


_decoder = msgspec.json.Decoder(Carried)


def split(payload: Payload) -> tuple[Payload, str]:
    """A payload that v2 can say, and the JSON text of what it has beside that.

    An array whose values are of different types has no datatype; it goes as the JSON text of its lists.
    """
    encoding = Encoding.V2 if payload.is_array else payload.encoding
    if payload.is_array and _is_mixed(payload.data):
        encoding = Encoding.NDARRAY
        payload = msgspec.structs.replace(payload, data=payload.data.tolist(), encoding=Encoding.JSON)
    carried = Carried(encoding, payload.meta, payload.names)
    return payload, json_text.encode(carried).decode()


def decode(parameters: JsonObject) -> Carried:
    """What a response carries; nothing where a server does not know of it.

    :raises msgspec.MsgspecError: when it is not what `split` writes.
    """
    text = parameters.get(PARAMETER)
    return _decoder.decode(text) if isinstance(text, str) else Carried()


def joined(tensors: dict[str, Array], carried: Carried) -> Payload:
    """The payload that was split. :raises BadMessage: when the tensors are not those of such a one."""
    encoding, names, meta = carried.encoding, carried.names, carried.meta
    if encoding is Encoding.TENSORS or len(tensors) != 1:
        return Payload(tensors, Encoding.TENSORS, [], meta)
    (array,) = tensors.values()
    if encoding is Encoding.V2:
        return Payload(array, Encoding.V2, names, meta)
    element = array.ravel()[0] if array.size == 1 else b""
    if encoding is Encoding.BYTES:
        return Payload(element, Encoding.BYTES, [], meta)
    text = element.decode() if isinstance(element, bytes) else str(element)
    if encoding is Encoding.TEXT:
        return Payload(text, Encoding.TEXT, [], meta)
    value: Any = json_text.decode(text.encode(), 1000)
    if encoding is Encoding.NDARRAY:
        return Payload(from_nested(value, "$"), Encoding.NDARRAY, names, meta)
    return Payload(value, Encoding.JSON, [], meta)


def is_texts(array: Array) -> bool:
    """Whether an array of objects holds texts only."""
    return set(map(type, array.ravel())) <= {str}


def _is_mixed(array: Array) -> bool:
    if array.dtype != np.object_:
        return False
    kinds = set(map(type, array.ravel()))
    return not (kinds <= {str} or kinds <= {bytes})
