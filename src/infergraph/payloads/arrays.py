"""Arrays from JSON lists and back: every value is kept exactly or refused, none is changed silently."""

import itertools
import math
from typing import Any

import numpy as np

from infergraph.errors import BadMessage
from infergraph.payloads.payload import Array

MAX_DIMENSIONS = 32
MAX_DIMENSION = 2**31 - 1  # Tensor.shape is int32 (SELDON_V1 §4.1)
MAX_VALUES = 2**59  # of 8 bytes and more, in 63 bits of memory
EXACT_IN_FLOAT64 = 2**53
NONFINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}  # as proto3 JSON spells them


def from_nested(value: Any, path: str) -> Array:
    """The array that nested lists spell.

    Numbers become int64, uint64 or float64, booleans bool; strings and mixed values stay as they are (dtype object).

    :raises BadMessage: when the lists are ragged, or a number cannot be kept exactly.
    """
    shape, flat = flattened(value, path)
    return from_flat(flat, path).reshape(shape)


def flattened(value: Any, path: str) -> tuple[tuple[int, ...], list[Any]]:
    """The shape that nested lists have, and their values in row-major order.

    :raises BadMessage: when it is no list, or the lists are ragged.
    """
    if type(value) is not list:
        raise BadMessage(f"Expected `array`, got `{json_type(value)}` - at `{path}`")
    shape = _shape(value, path)
    flat = value
    for depth in range(1, len(shape)):
        flat = _one_level(flat, shape, depth, path)
    return shape, flat


def from_flat(values: list[Any], path: str) -> Array:
    """The one-dimensional array that holds exactly these values.

    :raises BadMessage: when a list stands among the values, or a number cannot be kept exactly.
    """
    kinds = set(map(type, values))
    if kinds == {float} or not kinds:
        return np.array(values, dtype=np.float64)
    if kinds == {int}:
        return _integers(values, path)
    if kinds == {int, float}:
        return _mixed_numbers(values, path)
    if kinds == {bool}:
        return np.array(values, dtype=np.bool_)
    if list in kinds:
        raise _ragged(values, path)
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def from_tensor(shape: list[int], values: list[Any], path: str) -> Array:
    """The array of a seldon Tensor: numbers in row-major order.

    :raises BadMessage: when the shape is impossible, does not fit the values, or a value is no number.
    """
    check_shape(shape, len(values), path)
    if not _NUMBERS.issuperset(map(type, values)):
        values = [_number(value, f"{path}.values[{index}]") for index, value in enumerate(values)]
    return from_flat(values, f"{path}.values").reshape(shape)


def check_shape(shape: list[int], count: int, path: str) -> None:
    """Refuse a shape that no array has, or that does not hold ``count`` values. :raises BadMessage: then."""
    check_sizes(shape, path)
    if (expected := math.prod(shape)) != count:
        raise BadMessage(f"Shape {shape} holds {expected} values, got {count} - at `{path}`")


def check_sizes(shape: list[int], path: str) -> None:
    """Refuse a shape that no array has, before anything is computed with it. :raises BadMessage: then."""
    if len(shape) > MAX_DIMENSIONS:
        raise BadMessage(f"An array has at most {MAX_DIMENSIONS} dimensions, got {len(shape)} - at `{path}.shape`")
    for index, size in enumerate(shape):
        if not 0 <= size <= MAX_DIMENSION:
            raise BadMessage(
                f"Expected a size from 0 to {MAX_DIMENSION}, got {_short(size)} - at `{path}.shape[{index}]`"
            )
    # numpy multiplies the other sizes of an empty array too, and has a limit for the product.
    if math.prod(max(size, 1) for size in shape) > MAX_VALUES:
        raise BadMessage(f"An array has room for at most {MAX_VALUES} values, got shape {shape} - at `{path}`")


def is_numeric(array: Array) -> bool:
    """Whether the array holds integers or floats (booleans are not numbers here, SELDON_V1 §4.2)."""
    return array.dtype.kind in "fiu"


def holds_bytes(array: Array) -> bool:
    """Whether the array is one of texts and bytes, with at least one bytes among them."""
    kinds = set(map(type, array.ravel().tolist())) if array.dtype.kind in "OS" else set()
    return bytes in kinds and kinds <= {str, bytes}


_NUMBERS = frozenset({int, float})


def _number(value: Any, path: str) -> int | float:
    if type(value) in _NUMBERS:
        return value  # type: ignore[no-any-return]
    if isinstance(value, str) and value in NONFINITE:
        return NONFINITE[value]
    raise BadMessage(f"Expected `number`, got `{json_type(value)}` - at `{path}`")


def _shape(value: Any, path: str) -> tuple[int, ...]:
    shape = []
    while type(value) is list:
        shape.append(len(value))
        if not value:
            break
        value = value[0]
    if len(shape) > MAX_DIMENSIONS:
        raise BadMessage(f"An array has at most {MAX_DIMENSIONS} dimensions, got {len(shape)} or more - at `{path}`")
    return tuple(shape)


def _one_level(flat: list[Any], shape: tuple[int, ...], depth: int, path: str) -> list[Any]:
    if set(map(type, flat)) != {list} or set(map(len, flat)) != {shape[depth]}:
        raise _ragged(flat, path)
    return list(itertools.chain.from_iterable(flat))


def _ragged(values: list[Any], path: str) -> BadMessage:
    sizes = [len(value) if type(value) is list else None for value in values]
    odd = next(index for index, size in enumerate(sizes) if size != sizes[0])
    return BadMessage(
        f"Expected rows of equal length, got {_length(sizes[0])} first and {_length(sizes[odd])} at position {odd} "
        f"- at `{path}`. Ragged lists can travel as jsonData."
    )


def _length(size: int | None) -> str:
    return "a single value" if size is None else f"a list of {size}"


def _integers(values: list[int], path: str) -> Array:
    try:
        return np.array(values, dtype=np.int64)
    except OverflowError:
        pass
    try:
        return np.array(values, dtype=np.uint64)
    except OverflowError:
        worst = max(values, key=abs)
        raise BadMessage(f"The integer {_short(worst)} does not fit into 64 bits - at `{path}`") from None


def _mixed_numbers(values: list[int | float], path: str) -> Array:
    for value in values:
        if type(value) is int and abs(value) > EXACT_IN_FLOAT64 and not is_exact_float(value):
            raise BadMessage(
                f"The integer {_short(value)} stands among fractions, and a 64-bit float cannot hold it exactly "
                f"- at `{path}`. Send it as a string, or send integers only."
            )
    return np.array(values, dtype=np.float64)


def is_exact_float(value: int) -> bool:
    """Whether a 64-bit float holds this integer exactly."""
    try:
        return int(float(value)) == value
    except OverflowError:
        return False


def _short(number: int) -> str:
    digits = str(number)
    return digits if len(digits) <= 40 else f"{digits[:20]}… ({len(digits)} digits)"


def json_type(value: Any) -> str:
    """The type of a JSON value in JSON's word, for messages."""
    names = {dict: "object", list: "array", str: "str", bool: "bool", int: "int", float: "float", type(None): "null"}
    return names.get(type(value), type(value).__name__)
