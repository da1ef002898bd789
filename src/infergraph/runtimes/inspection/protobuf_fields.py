"""The fields of a protobuf message, one by one, without its schema (protobuf.dev/programming-guides/encoding)."""

from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MOST_FIELDS = 200_000


class Malformed(Exception):
    """Raised when bytes are no message, or end before it does."""


def fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield number and value of each field: an integer, or a view on its bytes.

    :raises Malformed: where it makes no sense, ends early, or has too many fields.
    """
    place = 0
    for _ in range(_MOST_FIELDS):
        if place >= len(message):
            return
        key, place = _varint(message, place)
        value: int | memoryview
        if key & 7 == _VARINT:
            value, place = _varint(message, place)
        else:
            length, place = _length(message, place, key & 7)
            if length > len(message) - place:
                raise Malformed("a field ends after the file does")
            value, place = message[place : place + length], place + length
        yield key >> 3, value
    raise Malformed("too many fields")


def last(message: memoryview, number: int) -> memoryview | None:
    """Return the bytes of the field ``number``; None when there is none."""
    found = None
    for one, value in fields(message):
        if one == number and isinstance(value, memoryview):
            found = value
    return found


def text(value: int | memoryview) -> str:
    """Return a field as a text."""
    return str(value) if isinstance(value, int) else bytes(value).decode("utf-8", "replace")


def _length(message: memoryview, place: int, kind: int) -> tuple[int, int]:
    if kind == _BYTES:
        return _varint(message, place)
    if kind in (_FIXED64, _FIXED32):
        return (8 if kind == _FIXED64 else 4), place
    raise Malformed(f"there is no wire type {kind}")


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(message):
            raise Malformed("a number ends after the file does")
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise Malformed("a number is too long")
