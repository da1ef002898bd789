"""What a prediction gives back."""

from typing import Any

import msgspec
import numpy as np

from infergraph.client import frames
from infergraph.client.errors import BadReply
from infergraph.client.kind import Kind
from infergraph.client.question import Question
from infergraph.payloads.arrays import NONFINITE
from infergraph.payloads.payload import Array, JsonObject, Payload


class Result(msgspec.Struct, frozen=True):
    """The answer to a prediction.

    ``data`` is of the kind that was asked with, or asked for; a component that answers an array with text, bytes or
    JSON is heard all the same, unless another kind was asked for. ``names`` are those of the columns, ``puid`` is the
    request's id. ``tags``, ``routing`` (the branch that each router took), ``request_path`` (the image of each unit)
    and ``metrics`` are empty where there are none. ``question`` and ``answer`` are what `Client.feedback` tells.
    """

    data: Any
    names: list[str]
    puid: str
    tags: JsonObject
    routing: dict[str, int]
    request_path: dict[str, str]
    metrics: list[JsonObject]
    question: Payload
    answer: Payload


def result_of(question: Question, answer: Payload, puid: str) -> Result:
    """The result of an answer. :raises BadReply: when it is not of the kind that the caller asked for."""
    meta = answer.meta
    if puid and meta.puid != puid:
        answer = msgspec.structs.replace(answer, meta=msgspec.structs.replace(meta, puid=puid))
    return Result(
        data=_data(question, answer),
        names=answer.names,
        puid=puid or meta.puid or "",
        tags=meta.tags or {},
        routing=meta.routing or {},
        request_path=meta.request_path or {},
        metrics=meta.metrics or [],
        question=question.payload,
        answer=answer,
    )


def _data(question: Question, answer: Payload) -> Any:
    data, kind = answer.data, question.kind
    is_tensor = answer.is_array or (isinstance(data, dict) and all(isinstance(v, np.ndarray) for v in data.values()))
    if not is_tensor:
        return _other(question, data)
    if kind is Kind.FRAME:
        return _frame(question, answer)
    if kind in (Kind.LIST, Kind.JSON):
        return {name: a.tolist() for name, a in data.items()} if isinstance(data, dict) else _numbers(data).tolist()
    if kind is not Kind.NUMPY and question.is_chosen:
        raise BadReply(f"Expected {kind.value}, and the answer is an array")
    return data if isinstance(data, dict) else _texts(_numbers(data), question.text_kind)


_TYPES: dict[Kind, Any] = {Kind.TEXT: str, Kind.BYTES: bytes, Kind.JSON: object, Kind.LIST: list}


def _other(question: Question, data: Any) -> Any:
    if question.is_chosen and not isinstance(data, _TYPES.get(question.kind, ())):
        raise BadReply(f"Expected {question.kind.value}, and the answer is {type(data).__name__}: {data!r:.80}")
    return data


def _frame(question: Question, answer: Payload) -> Any:
    try:
        return frames.frame_of(answer.data, answer.names, question.table)
    except ValueError as error:
        raise BadReply(f"The answer is no DataFrame: {error}") from None


def _numbers(array: Array) -> Array:
    """Numbers, of which an answer says some as texts: NaN and Infinity, where the question had none."""
    if array.dtype != object:
        return array
    values = array.ravel().tolist()
    kinds = set(map(type, values))
    if not (float in kinds and kinds <= {float, int, str}):
        return array
    if not {value for value in values if isinstance(value, str)} <= NONFINITE.keys():
        return array
    return np.array([NONFINITE.get(value, value) for value in values], dtype=np.float64).reshape(array.shape)


def _texts(array: Array, text_kind: str) -> Array:
    """Texts in the numpy type that they were asked in, if each is the same in it."""
    if not text_kind or array.dtype != object or not set(map(type, array.ravel())) <= {_HELD[text_kind]}:
        return array
    try:
        typed = array.astype(text_kind)
    except (UnicodeError, ValueError):
        return array
    return typed if (typed.astype(object) == array).all() else array


_HELD = {"U": str, "S": bytes}
