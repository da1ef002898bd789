"""Tensors of the v2 protocol as JSON: the member ``data``, flat or nested, and back."""

import math
from typing import Any

import numpy as np

from infergraph.errors import BadMessage
from infergraph.payloads.arrays import NONFINITE, check_sizes, flattened, json_type
from infergraph.payloads.datatypes import BF16, BYTES, DTYPES, bfloat16_bits, from_bfloat16_bits
from infergraph.payloads.payload import Array


def value_count(shape: list[int], path: str) -> int:
    """The number of values that a tensor of this shape has. :raises BadMessage: when no tensor has such a shape."""
    check_sizes(shape, path)
    return math.prod(shape)


def from_json(datatype: str, shape: list[int], data: Any, path: str) -> Array:
    """The array of a known datatype that JSON spells: one flat list, or lists nested as the shape says.

    :raises BadMessage: when the data do not fit the shape, or a value does not fit the datatype.
    """
    count = value_count(shape, path)
    nested, values = flattened(data, f"{path}.data")
    if len(values) != count:
        raise BadMessage(f"Shape {shape} holds {count} values, got {len(values)} - at `{path}.data`")
    if len(nested) > 1 and list(nested) != shape:
        raise BadMessage(f"Shape {shape} is announced, and the lists are nested as {list(nested)} - at `{path}.data`")
    return _array(datatype, values, f"{path}.data").reshape(shape)


def to_json(datatype: str, array: Array, name: str) -> list[Any]:
    """The flat list of an array that is held as its datatype is; bytes become the text that they are.

    :raises BadMessage: when bytes are no text: its reader asked for JSON, and has to ask for binary data.
    """
    flat = array.ravel()
    if datatype == BF16:
        flat = from_bfloat16_bits(bfloat16_bits(flat))
    values: list[Any] = flat.tolist()
    return [_text(value, name) for value in values] if datatype == BYTES else values


def _array(datatype: str, values: list[Any], path: str) -> Array:
    dtype = DTYPES[datatype]
    kinds = set(map(type, values))
    if dtype.kind == "f":
        return _floats(datatype, values, kinds, path)
    wanted = _KINDS[dtype.kind]
    if not kinds <= {wanted}:
        odd = next(index for index, value in enumerate(values) if type(value) is not wanted)
        raise _unfit(datatype, values[odd], f"{path}[{odd}]")
    if dtype.kind == "O":
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array
    return _integers(datatype, values, path) if dtype.kind in "iu" else np.array(values, dtype=dtype)


_KINDS = {"b": bool, "i": int, "u": int, "O": str}


def _integers(datatype: str, values: list[int], path: str) -> Array:
    dtype = DTYPES[datatype]
    limits = np.iinfo(dtype)
    if values and not (limits.min <= min(values) and max(values) <= limits.max):
        odd = next(index for index, value in enumerate(values) if not limits.min <= value <= limits.max)
        raise _unfit(datatype, values[odd], f"{path}[{odd}]")
    return np.array(values, dtype=dtype)


def _floats(datatype: str, values: list[Any], kinds: set[type], path: str) -> Array:
    if not kinds <= {int, float}:
        values = [_float(datatype, value, f"{path}[{index}]") for index, value in enumerate(values)]
    try:
        wide = np.array(values, dtype=np.float64)
        if datatype == "FP64":
            return wide
        with np.errstate(over="raise"):
            array = wide.astype(DTYPES[datatype])
    except (OverflowError, FloatingPointError):
        raise BadMessage(f"A value does not fit into {datatype} - at `{path}`") from None
    return from_bfloat16_bits(bfloat16_bits(array)) if datatype == BF16 else array


def _float(datatype: str, value: Any, path: str) -> Any:
    if isinstance(value, str) and value in NONFINITE:
        return NONFINITE[value]
    return value if type(value) in (int, float) else _refuse(datatype, value, path)


def _refuse(datatype: str, value: Any, path: str) -> Any:
    raise _unfit(datatype, value, path)


def _unfit(datatype: str, value: Any, path: str) -> BadMessage:
    shown = json_type(value) if isinstance(value, list | dict) else f"{value!r:.40}"
    return BadMessage(f"Expected a value of {datatype}, got {shown} - at `{path}`")


def _text(value: Any, name: str) -> Any:
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise BadMessage(
            f"Output `{name}` holds bytes that are no UTF-8 text, and JSON has no other; ask for binary data"
        ) from None
