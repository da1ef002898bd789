"""The datatypes of the v2 protocol, and the numpy types that hold them (Open Inference Protocol, Tensor Data Types)."""

from typing import Any

import numpy as np

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads.arrays import from_flat
from infergraph.payloads.payload import Array

BYTES = "BYTES"  # an array of objects, each a str or bytes
BF16 = "BF16"  # the upper half of a 32-bit float; held as float32, which loses nothing

DTYPES: dict[str, np.dtype[Any]] = {
    name: np.dtype(code)
    for name, code in {
        "BOOL": "?",
        **{f"UINT{8 * size}": f"<u{size}" for size in (1, 2, 4, 8)},
        **{f"INT{8 * size}": f"<i{size}" for size in (1, 2, 4, 8)},
        **{f"FP{8 * size}": f"<f{size}" for size in (2, 4, 8)},
        BF16: "<f4",
        BYTES: "O",
    }.items()
}
"""Datatype to the type of the array that holds it. What is not one byte is little-endian, as on the wire."""

_NAMES = {(dtype.kind, dtype.itemsize): name for name, dtype in DTYPES.items() if name not in (BF16, BYTES)}


def datatype_of(dtype: np.dtype[Any]) -> str | None:
    """The datatype of an array of this type, None when there is none; objects are texts."""
    return BYTES if dtype.kind in "OUS" else _NAMES.get((dtype.kind, dtype.itemsize))


def check_datatype(name: str, path: str) -> None:
    """:raises BadMessage: when there is no such datatype."""
    if name not in DTYPES:
        raise BadMessage(f"Expected one of {', '.join(DTYPES)}, got {name!r:.60} - at `{path}.datatype`")


def typed(array: Array, name: str) -> tuple[str, Array]:
    """The datatype of an output, and the array as that datatype is held: contiguous, little-endian, texts as objects.

    ``name`` is the output's, for the error. The array itself comes back when it is so already.

    :raises BadAnswer: when no datatype holds its values.
    """
    kind = array.dtype.kind
    if kind in "OUSMm":
        return _of_objects(array, name)
    if kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    datatype = _NAMES.get((kind, array.dtype.itemsize))
    if datatype is None:
        raise BadAnswer(f"No datatype of the v2 protocol holds {array.dtype.name}, the type of output `{name}`")
    return datatype, np.ascontiguousarray(array, dtype=DTYPES[datatype]).reshape(array.shape)


def _of_objects(array: Array, name: str) -> tuple[str, Array]:
    """Texts and bytes as BYTES, dates as texts; Python numbers as the array that they are."""
    if array.dtype.kind in "Mm":
        array = array.astype(str)
    if array.dtype.kind in "US":
        return BYTES, array.astype(object)
    flat = array.ravel().tolist()
    if set(map(type, flat)) <= {str, bytes}:
        return BYTES, np.ascontiguousarray(array).reshape(array.shape)
    return typed(plain(flat, name).reshape(array.shape), name)


def plain(values: list[Any], name: str) -> Array:
    """The array of numbers or booleans that an output's Python values are, one dimension of them.

    :raises BadAnswer: when they are of no one type, or do not fit one.
    """
    try:
        array = from_flat(values, name)
    except BadMessage as error:  # in the words of a request, and it is an answer
        raise BadAnswer(f"Output `{name}` cannot be said in the v2 protocol: {error}") from error
    if array.dtype.kind == "O" and not set(map(type, values)) <= {str, bytes}:
        found = ", ".join(sorted({type(value).__name__ for value in values}))
        raise BadAnswer(f"No datatype of the v2 protocol holds {found} together, as output `{name}` does")
    return array


def bfloat16_bits(array: Array) -> Array:
    """The upper halves (uint16) of 32-bit floats, rounded to the nearest, ties to even; NaN stays NaN."""
    bits = np.ascontiguousarray(array, dtype="<f4").view("<u4")
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    return np.where(np.isnan(array), (bits >> 16) | 0x40, rounded).astype("<u2")


def from_bfloat16_bits(bits: Array) -> Array:
    """The 32-bit floats of which these are the upper halves."""
    return (bits.astype("<u4") << 16).view("<f4")
