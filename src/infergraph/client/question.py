"""What a caller gives, as the payload that it is, and the kind that the answer is to be of."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

from infergraph.client import frames
from infergraph.client.errors import Unsendable
from infergraph.client.kind import Kind
from infergraph.errors import BadMessage
from infergraph.payloads.arrays import from_nested
from infergraph.payloads.payload import Array, Encoding, JsonObject, Meta, Payload
from infergraph.payloads.seldon_message import check_names


class Question(msgspec.Struct, frozen=True):
    """A payload to send. ``kind`` is that of the result's data, and ``is_chosen`` says that the caller asked for it.

    ``table`` is what a data frame has beside its values; ``text_kind`` the kind of a numpy type of texts, U or S.
    """

    payload: Payload
    kind: Kind
    is_chosen: bool = False
    table: frames.Table | None = None
    text_kind: str = ""


def question_of(
    data: Any, names: Sequence[str] | None = None, *, kind: Kind | None = None, tags: JsonObject | None = None
) -> Question:
    """The question that data of any kind are.

    :raises Unsendable: for data that no message says exactly, in words that say what to do.
    """
    question = _question(data)
    payload = question.payload
    if names is not None:
        payload = _named(payload, list(names))
    if tags:
        payload = msgspec.structs.replace(payload, meta=Meta(tags=_json(tags, "tags")))
    chosen = question.kind if kind is None else kind
    return msgspec.structs.replace(question, payload=payload, kind=chosen, is_chosen=kind is not None)


def _question(data: Any) -> Question:
    if isinstance(data, Payload):
        return Question(data, _KINDS.get(data.encoding, Kind.NUMPY))
    if frames.is_frame(data):
        array, table = frames.table_of(data)
        return Question(Payload(array, Encoding.V2, list(table.labels)), Kind.FRAME, table=table)
    for types, read in _READERS:
        if isinstance(data, types):
            return read(data)
    raise Unsendable(
        "Expected a numpy array, a pandas DataFrame, lists, text, bytes, a dict or a Payload, got "
        f"{type(data).__name__}; a single value is a list of one: [[value]]"
    )


_KINDS = {Encoding.TEXT: Kind.TEXT, Encoding.BYTES: Kind.BYTES, Encoding.JSON: Kind.JSON}


def _of_array(data: Any) -> Question:
    array = np.asanyarray(data)
    text_kind = array.dtype.kind if array.dtype.kind in "US" else ""
    return Question(Payload(array_of(array), Encoding.V2), Kind.NUMPY, text_kind=text_kind)


def _of_dict(data: dict[Any, Any]) -> Question:
    if data and all(isinstance(value, np.ndarray) for value in data.values()):
        if not all(isinstance(name, str) for name in data):
            raise Unsendable("The names of arrays are texts")
        return Question(Payload({k: array_of(v, k) for k, v in data.items()}, Encoding.TENSORS), Kind.NUMPY)
    return Question(Payload(_json(data, "$"), Encoding.JSON), Kind.JSON)


def array_of(array: Array, name: str = "") -> Array:
    """The array, when messages hold its values exactly; texts as objects.

    :raises Unsendable: when they do not.
    """
    what = f"array {name!r}" if name else "an array"
    if isinstance(array, np.ma.MaskedArray):
        raise Unsendable(f"Masked values cannot be sent ({what}); fill them: array.filled(value)")
    kind = array.dtype.kind
    if kind in "US":
        return array.astype(object)
    if kind == "O":
        _check_objects(array.ravel().tolist(), what)
        return array
    if kind in "biu" or (kind == "f" and array.dtype.itemsize <= 8):
        return array
    raise Unsendable(f"{array.dtype} cannot be sent exactly ({what}){_ADVICE.get(kind, '')}")


_ADVICE = {
    "M": "; send texts, array.astype(str), or integers, array.astype('int64')",
    "m": "; send integers, array.astype('int64')",
    "c": "; send the real and the imaginary part",
    "f": "; send array.astype('float64')",
    "V": "; send a dict of one array for each field",
}
_SCALARS = frozenset({str, bool, int, float, type(None)})


def _check_objects(values: list[Any], what: str) -> None:
    kinds = set(map(type, values))
    if kinds <= {bytes}:
        return
    for kind in kinds - _SCALARS:
        if kind not in (dict, list):
            raise Unsendable(f"A value of {kind.__name__} cannot be sent exactly in {what}; make it a text or a number")
    if not kinds <= _SCALARS:
        _json(values, what)


def _nested(data: Any) -> Array:
    try:
        array = from_nested(_json(data, "$", may_be_bytes=True), "$")
    except BadMessage as error:
        raise Unsendable(str(error)) from None
    return array_of(array)


def _named(payload: Payload, names: list[str]) -> Payload:
    if not payload.is_array:
        raise Unsendable("Only arrays, lists and data frames have names of columns")
    try:
        check_names(names, payload.data)
    except BadMessage as error:
        raise Unsendable(str(error)) from None
    return msgspec.structs.replace(payload, names=names)


def _json(value: Any, path: str, *, may_be_bytes: bool = False) -> Any:
    """The value in JSON's own types; numpy's scalars become Python's. :raises Unsendable: for what JSON has not."""
    if type(value) in _SCALARS:
        return value
    if isinstance(value, list | tuple):
        return [_json(item, path, may_be_bytes=may_be_bytes) for item in value]
    if isinstance(value, dict):
        if odd := [key for key in value if not isinstance(key, str)]:
            raise Unsendable(f"JSON has texts as keys, got {odd[0]!r:.60} - at `{path}`")
        return {key: _json(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, np.bool_ | np.number | np.ndarray):
        return _json(value.tolist(), path)
    if isinstance(value, bytes) and may_be_bytes:
        return value
    raise Unsendable(f"JSON has no {type(value).__name__} - at `{path}`")


_READERS: tuple[tuple[Any, Callable[[Any], Question]], ...] = (
    ((np.ndarray, np.generic), _of_array),
    (str, lambda data: Question(Payload(data, Encoding.TEXT), Kind.TEXT)),
    ((bytes, bytearray, memoryview), lambda data: Question(Payload(bytes(data), Encoding.BYTES), Kind.BYTES)),
    ((list, tuple), lambda data: Question(Payload(_nested(data), Encoding.V2), Kind.LIST)),
    (dict, _of_dict),
)
