"""Tensors of the v2 protocol as bytes (Triton's binary tensor data extension).

Little-endian, in row-major order, nothing between the values; an element of BYTES has its length before it, in 4 bytes.
"""

import struct

import numpy as np

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads.datatypes import BF16, BYTES, DTYPES, bfloat16_bits, from_bfloat16_bits
from infergraph.payloads.payload import Array
from infergraph.payloads.v2_json import value_count

_LENGTH = struct.Struct("<I")
_length_at = _LENGTH.unpack_from


def from_binary(datatype: str, shape: list[int], content: memoryview | bytes, path: str, *, size_at: str = "") -> Array:
    """The array of a known datatype that bytes spell: a read-only view on them where numpy has the type.

    ``path`` is the tensor's, and ``size_at`` where the request says how many bytes there are, when it does.

    :raises BadMessage: when the bytes are not exactly those of such a tensor.
    """
    count = value_count(shape, path)
    if datatype == BYTES:
        return _elements(content, count, path).reshape(shape)
    dtype = np.dtype("<u2") if datatype == BF16 else DTYPES[datatype]
    if len(content) != count * dtype.itemsize:
        raise BadMessage(
            f"{datatype} of shape {shape} takes {count * dtype.itemsize} bytes, got {len(content)} "
            f"- at `{size_at or path}`"
        )
    array = np.frombuffer(content, dtype=dtype).reshape(shape)
    if datatype == "BOOL":
        _check_booleans(array, path)
    return from_bfloat16_bits(array) if datatype == BF16 else array


def to_binary(datatype: str, array: Array, name: str) -> memoryview | bytes:
    """What goes on the wire for an array that is held as its datatype is; most arrays as they are, not copied.

    :raises BadAnswer: when a text cannot be said in UTF-8.
    """
    if datatype == BF16:
        return bfloat16_bits(array).data
    if datatype != BYTES:
        return array.data
    return b"".join([piece for part in elements_of(array, name) for piece in (_LENGTH.pack(len(part)), part)])


def elements_of(array: Array, name: str) -> list[bytes]:
    """The elements of an array of BYTES, texts as UTF-8. :raises BadAnswer: when one cannot be said so."""
    try:
        return [value.encode() if isinstance(value, str) else value for value in array.ravel().tolist()]
    except UnicodeEncodeError as error:
        raise BadAnswer(f"Output `{name}` holds a text that UTF-8 cannot say: {error.reason}") from error


def _elements(content: memoryview | bytes, count: int, path: str) -> Array:
    where = f"- at `{path}`"
    if count * _LENGTH.size > len(content):  # before room is made for them
        raise BadMessage(f"{count} elements take at least {count * _LENGTH.size} bytes, got {len(content)} {where}")
    array = np.empty(count, dtype=object)
    raw = bytes(content)  # one copy, and each element is cut out of it faster than out of a view
    start, end = 0, len(raw)
    for index in range(count):
        start += _LENGTH.size
        if start > end:
            raise BadMessage(f"Expected {count} elements of BYTES, got {index} {where}")
        length = _length_at(raw, start - _LENGTH.size)[0]
        if length > end - start:
            raise BadMessage(f"Element {index} announces {length} bytes, and {end - start} are left {where}")
        array[index] = raw[start : start + length]
        start += length
    if start != end:
        raise BadMessage(f"Expected {count} elements of BYTES, and {end - start} bytes follow them {where}")
    return array


def _check_booleans(array: Array, path: str) -> None:
    if array.size and array.view(np.uint8).max() > 1:
        raise BadMessage(f"A byte of BOOL is 0 or 1, got {array.view(np.uint8).max()} - at `{path}`")
