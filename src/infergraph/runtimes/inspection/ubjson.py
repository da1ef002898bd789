"""UBJSON as XGBoost writes it (ubjson.org, draft 12): texts, numbers, objects. Arrays of one type are passed over."""

import struct
from typing import Any

_NUMBERS = {b"i": ">b", b"U": ">B", b"I": ">h", b"l": ">i", b"L": ">q", b"d": ">f", b"D": ">d"}
_CONSTANTS = {b"Z": None, b"N": None, b"T": True, b"F": False}
_DEEPEST = 64
_MOST_VALUES = 500_000


class Malformed(Exception):
    """Raised when bytes are no UBJSON, or end early."""


class UbjsonReader:
    """Reads one value from a view on bytes."""

    def __init__(self, content: memoryview) -> None:
        self._content = content
        self._place = 0
        self._left = _MOST_VALUES

    def read(self) -> Any:
        """Return the value; arrays of numbers are None. :raises Malformed: when there is none."""
        try:
            return self._value(self._take(1), 0)
        except (struct.error, UnicodeDecodeError, KeyError, OverflowError) as error:
            raise Malformed(str(error)) from error

    def _value(self, marker: bytes, depth: int) -> Any:
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            raise Malformed("it has too many values")
        if marker in _NUMBERS:
            return self._number(marker)
        if marker in _CONSTANTS:
            return _CONSTANTS[marker]
        if marker == b"C":
            return self._take(1).decode()
        if marker == b"S":
            return self._text()
        if marker == b"{":
            return self._object(depth)
        if marker == b"[":
            return self._array(depth)
        raise Malformed(f"there is no marker {marker!r}")

    def _object(self, depth: int) -> dict[str, Any]:
        found = {}
        while self._peek() != b"}":
            name = self._text()
            found[name] = self._value(self._take(1), depth + 1)
        self._place += 1
        return found

    def _array(self, depth: int) -> list[Any] | None:
        if self._peek() == b"$":
            self._typed_array()
            return None
        if self._peek() == b"#":
            self._place += 1
            return [self._value(self._take(1), depth + 1) for _ in range(self._length())]
        found = []
        while self._peek() != b"]":
            found.append(self._value(self._take(1), depth + 1))
        self._place += 1
        return found

    def _typed_array(self) -> None:
        self._place += 1
        size = struct.calcsize(_NUMBERS[self._take(1)])
        if self._take(1) != b"#":
            raise Malformed("an array has a type and no length")
        length = self._length()  # which is behind what it counts from
        self._take_nothing(size * length)

    def _length(self) -> int:
        length = self._number(self._take(1))
        if not isinstance(length, int) or not 0 <= length <= len(self._content):
            raise Malformed("a length is longer than the file")
        return length

    def _text(self) -> str:
        return self._take(self._length()).decode()

    def _number(self, marker: bytes) -> Any:
        form = _NUMBERS[marker]
        return struct.unpack(form, self._take(struct.calcsize(form)))[0]

    def _peek(self) -> bytes:
        return bytes(self._content[self._place : self._place + 1])

    def _take(self, count: int) -> bytes:
        begin = self._place
        self._take_nothing(count)
        return bytes(self._content[begin : self._place])

    def _take_nothing(self, count: int) -> None:
        if count > len(self._content) - self._place:
            raise Malformed("it ends early")
        self._place += count
