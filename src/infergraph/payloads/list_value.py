"""Arrays as protobuf's ListValue, in which each number is a message of its own.

Rows of numbers are read and written as the bytes that they are on the wire (protobuf.dev/programming-guides/encoding):
a loop over the messages takes twenty times as long. Everything else goes one value at a time.
"""

import math
from typing import Any

import numpy as np

from infergraph.errors import BadAnswer
from infergraph.payloads import arrays, json_text
from infergraph.payloads.payload import Array

PATH = "$.data.ndarray"

# ListValue: field 1 (tag 0x0a), a message of 9 bytes. Value: field 2 (tag 0x11), a double of 8 bytes.
_NUMBER = np.frombuffer(b"\x0a\x09\x11", dtype=np.uint8)
_NUMBER_BYTES = 11


def decode(values: Any) -> Array:
    """The array of a ListValue: numbers are float64, strings and mixed values stay as they are (dtype object).

    :raises BadMessage: when the lists are ragged.
    """
    array = _numbers(values)
    if array is not None:
        return array
    array = arrays.from_nested([plain(value) for value in values.values], PATH)
    return array.astype(np.float64) if arrays.is_numeric(array) else array


def encode(array: Array, values: Any) -> None:
    """Write an array into a ListValue.

    :raises BadAnswer: when it holds an integer that a double cannot hold, or what JSON cannot say.
    """
    if arrays.is_numeric(array) and array.ndim in (1, 2) and array.size:
        values.MergeFromString(_wire(as_doubles(array)))
    else:
        fill_list(values, json_text.plain(array.tolist()))


def as_doubles(array: Array) -> Array:
    """A numeric array as little-endian doubles, each value the same number.

    :raises BadAnswer: when one cannot be.
    """
    if array.dtype.kind in "iu" and array.dtype.itemsize == 8 and array.size:
        worst = max(int(array.max()), int(array.min()), key=abs)
        if abs(worst) > arrays.EXACT_IN_FLOAT64:
            for number in array.ravel().tolist():
                _exact(number)
    return array.astype("<f8", copy=False)


def packed_tensor(array: Array) -> bytes:
    """The bytes of a seldon Tensor: shape in field 1, values in field 2. :raises BadAnswer: as `encode`."""
    shape = b"".join(map(_varint, array.shape))
    values = as_doubles(array).tobytes()
    return b"\x0a" + _varint(len(shape)) + shape + b"\x12" + _varint(len(values)) + values


def plain(value: Any) -> Any:
    """The JSON value of a protobuf Value; a number without a fraction is an integer, as in proto3 JSON."""
    kind = value.WhichOneof("kind")
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() and abs(number) <= arrays.EXACT_IN_FLOAT64 else number
    if kind == "list_value":
        return [plain(item) for item in value.list_value.values]
    if kind == "struct_value":
        return {key: plain(item) for key, item in value.struct_value.fields.items()}
    return None if kind in (None, "null_value") else getattr(value, kind)


def fill(message: Any, value: Any) -> None:
    """Write a plain JSON value into a protobuf Value. :raises BadAnswer: for an integer that a double cannot hold."""
    if value is None:
        message.null_value = 0
    elif isinstance(value, bool):
        message.bool_value = value
    elif isinstance(value, int | float):
        message.number_value = _exact(value)
    elif isinstance(value, str):
        message.string_value = value
    elif isinstance(value, list):
        fill_list(message.list_value, value)
    else:
        message.struct_value.SetInParent()
        for key, item in value.items():
            fill(message.struct_value.fields[key], item)


def fill_list(message: Any, items: list[Any]) -> None:
    """Write plain JSON values into a ListValue."""
    message.SetInParent()
    for item in items:
        fill(message.values.add(), item)


def _exact(number: int | float) -> float:
    if isinstance(number, int) and abs(number) > arrays.EXACT_IN_FLOAT64 and not arrays.is_exact_float(number):
        raise BadAnswer(
            f"The answer holds the integer {number!s:.40}, and over gRPC a number is a 64-bit float, which cannot "
            "hold it exactly; ask with data.tftensor, or over REST"
        )
    return float(number)


def _numbers(values: Any) -> Array | None:
    """The array of one or several rows of numbers; None when it is anything else."""
    count = len(values.values)
    if not count:
        return None
    wire = np.frombuffer(values.SerializeToString(), dtype=np.uint8)
    if len(wire) == count * _NUMBER_BYTES and wire[2] == _NUMBER[2]:
        return _doubles(wire.reshape(count, _NUMBER_BYTES))
    width = len(values.values[0].list_value.values)
    head = np.frombuffer(_row_head(width), dtype=np.uint8)
    row_bytes = len(head) + width * _NUMBER_BYTES
    if not width or len(wire) != count * row_bytes:
        return None
    rows = wire.reshape(count, row_bytes)
    if not (rows[:, : len(head)] == head).all():
        return None
    flat = _doubles(rows[:, len(head) :].reshape(count * width, _NUMBER_BYTES))
    return None if flat is None else flat.reshape(count, width)


def _doubles(wire: Array) -> Array | None:
    if not (wire[:, :3] == _NUMBER).all():
        return None
    doubles: Array = np.ascontiguousarray(wire[:, 3:]).view("<f8").ravel()
    return doubles


def _wire(doubles: Array) -> bytes:
    """The bytes of a ListValue of one or two dimensions; neither is empty."""
    wire = np.empty((doubles.size, _NUMBER_BYTES), dtype=np.uint8)
    wire[:, :3] = _NUMBER
    wire[:, 3:] = np.ascontiguousarray(doubles).reshape(-1, 1).view(np.uint8)
    if doubles.ndim == 1:
        return wire.tobytes()
    count, width = doubles.shape
    head = np.frombuffer(_row_head(width), dtype=np.uint8)
    rows = np.empty((count, len(head) + width * _NUMBER_BYTES), dtype=np.uint8)
    rows[:, : len(head)] = head
    rows[:, len(head) :] = wire.reshape(count, -1)
    return rows.tobytes()


def _row_head(width: int) -> bytes:
    """What stands before the numbers of a row: a Value in field 1 of a ListValue, with a ListValue in its field 6."""
    inner = b"\x32" + _varint(width * _NUMBER_BYTES)
    return b"\x0a" + _varint(len(inner) + width * _NUMBER_BYTES) + inner


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first, the high bit set on all but the last."""
    groups = max(1, math.ceil(number.bit_length() / 7))
    return bytes((number >> 7 * group & 0x7F) | (0x80 if group < groups - 1 else 0) for group in range(groups))
