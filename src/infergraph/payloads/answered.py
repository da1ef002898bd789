"""What a model answers in a protocol of arrays alone, as the payload that goes on in a graph."""

import msgspec

from infergraph.payloads.arrays import holds_bytes, is_numeric
from infergraph.payloads.payload import ARRAY_ENCODINGS, Array, Encoding, JsonObject, Meta, Payload, merged

_NAMED = frozenset({Encoding.V2, Encoding.TF, Encoding.TENSORS})
"""Encodings of protocols in which bytes are bytes."""


def joined(question: Payload, answer: Payload, path: dict[str, str]) -> Payload:
    """The answer with what the question had beside its data, and in the question's encoding.

    So a caller gets an answer in its own words, as from a model that runs here; ``path`` is what the unit adds to the
    request path. Tags of the answer win.
    """
    meta = Meta(
        metrics=question.meta.metrics,
        puid=question.meta.puid,
        request_path={**path, **(question.meta.request_path or {})} or None,
        tags=merged(question.meta.tags, answer.meta.tags),
    )
    if not answer.is_array or question.encoding is Encoding.TENSORS:
        return msgspec.structs.replace(answer, meta=meta)
    if question.encoding in _NAMED:
        return msgspec.structs.replace(answer, encoding=question.encoding, meta=meta)
    data = _texts(answer.data)
    return msgspec.structs.replace(answer, data=data, encoding=_encoding(question.encoding, data), meta=meta)


def tags_in(parameters: JsonObject, *, but: str) -> Meta:
    """The parameters of a response, which are what tags are in the other protocols, without one of them."""
    return Meta(tags={name: value for name, value in parameters.items() if name != but} or None)


def _encoding(asked: Encoding, array: Array) -> Encoding:
    """As a component's reply has it (SELDON_V1 §4.2)."""
    if not is_numeric(array):
        return Encoding.TFTENSOR if holds_bytes(array) else Encoding.NDARRAY
    return asked if asked in ARRAY_ENCODINGS and asked is not Encoding.NONE else Encoding.TENSOR


def _texts(array: Array) -> Array:
    """Elements of BYTES as the texts that they are; as they are where one is none."""
    if array.dtype.kind != "O":
        return array
    texts = array.copy()
    try:
        texts.ravel()[:] = [value.decode() if isinstance(value, bytes) else value for value in array.ravel().tolist()]
    except UnicodeDecodeError:
        return array
    return texts
