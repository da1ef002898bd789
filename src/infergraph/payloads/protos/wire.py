"""Large bytes fields of protobuf messages, read and written without the copies that protobuf makes.

protobuf copies a bytes field when it parses a message, and again each time that somebody looks at it. `cut` walks over
the message as it came, keeps each such field as a view on it, and leaves a short token in its place; what is left is
small, and protobuf parses that. Whatever is not plainly a message is left to protobuf, so that there is one judge.
(protobuf.dev/programming-guides/encoding)
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias, Union

Piece: TypeAlias = bytes | memoryview
Paths: TypeAlias = Mapping[int, Union["Paths", None]]
"""Field numbers from the message inwards; None is a bytes field at the end of its path."""

WORTH_BYTES = 64 * 1024
"""Below this size protobuf's copies take less time than the walk does."""
MAX_FIELDS = 10_000  # about five milliseconds of walking: a message of millions of tiny fields is protobuf's to read

_VARINT, _FIXED64, _BYTES, _GROUP, _END_GROUP, _FIXED32 = range(6)
_TOKEN_BYTES = 4


class Contents:
    """What the bytes fields of one parsed message hold: those that were cut out, or the fields themselves."""

    __slots__ = ("_views",)

    def __init__(self, views: Sequence[memoryview] | None = None) -> None:
        self._views = views

    def of(self, field: bytes) -> Piece:
        """The content of a field that stands at one of the paths."""
        if self._views is None or not field:
            return field
        return self._views[int.from_bytes(field, "little")]


UNCUT = Contents()


def cut(body: bytes, paths: Paths) -> tuple[bytes, Contents]:
    """The message with a token in each bytes field at the end of a path, and what these fields hold.

    The message comes back as it is, uncut, when it is no message, or has more fields than are worth the walk.
    """
    walk = _Walk(body)
    try:
        rest = walk.rest(0, len(body), paths)
    except _LostError:
        return body, UNCUT
    return (body, UNCUT) if rest is None else (rest, Contents(walk.views))


def field(number: int, pieces: Sequence[Piece]) -> list[Piece]:
    """A field that holds the bytes of all the pieces together; to be joined once, with the rest of the message."""
    size = sum(piece.nbytes if isinstance(piece, memoryview) else len(piece) for piece in pieces)
    return [varint(number << 3 | _BYTES) + varint(size), *pieces]


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first, the high bit set on all but the last."""
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)


class _LostError(Exception):
    """Raised where the walk cannot or should not go on."""


class _Walk:
    """One walk over one message."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._view = memoryview(body)
        self._fields_left = MAX_FIELDS
        self.views: list[memoryview] = []

    def rest(self, start: int, end: int, paths: Paths) -> bytes | None:
        """What is left of a message from ``start`` to ``end``; None when nothing was cut out of it."""
        body = self._body
        pieces: list[bytes] = []
        position = kept = start
        while position < end:
            tag, after = self._tag(position, end)
            if tag & 7 != _BYTES:
                position = self._after(tag, after, end)
                continue
            size, content = self._varint(after, end)
            if (position := content + size) > end:
                raise _LostError
            if (number := tag >> 3) not in paths:
                continue
            if (left := self._left(content, position, paths[number])) is not None:
                pieces += (body[kept:after], varint(len(left)), left)
                kept = position
        if not pieces:
            return None
        pieces.append(body[kept:end])
        return b"".join(pieces)

    def _left(self, start: int, end: int, paths: Paths | None) -> bytes | None:
        if paths is not None:
            return self.rest(start, end, paths)
        self.views.append(self._view[start:end])
        return (len(self.views) - 1).to_bytes(_TOKEN_BYTES, "little")

    def _after(self, tag: int, position: int, end: int) -> int:
        """Where a field ends that is none of bytes."""
        kind = tag & 7
        if kind == _VARINT:
            position = self._varint(position, end, most=10)[1]
        elif kind == _FIXED64:
            position += 8
        elif kind == _FIXED32:
            position += 4
        elif kind == _GROUP:
            position = self._after_group(tag >> 3, position, end)
        else:
            raise _LostError
        if position > end:
            raise _LostError
        return position

    def _after_group(self, number: int, position: int, end: int) -> int:
        """Where a group ends, with those inside it; no message of ours has one, so all is skipped."""
        open_groups = [number]
        while open_groups:
            tag, position = self._tag(position, end)
            if tag & 7 == _GROUP:
                open_groups.append(tag >> 3)
            elif tag & 7 == _END_GROUP:
                if open_groups.pop() != tag >> 3:
                    raise _LostError
            elif tag & 7 == _BYTES:
                size, position = self._varint(position, end)
                position += size
            else:
                position = self._after(tag, position, end)
        return position

    def _tag(self, position: int, end: int) -> tuple[int, int]:
        self._fields_left -= 1
        if self._fields_left < 0:
            raise _LostError
        tag, position = self._varint(position, end)
        if not 0 < tag >> 3 < 2**29:
            raise _LostError
        return tag, position

    def _varint(self, position: int, end: int, most: int = 5) -> tuple[int, int]:
        body, number = self._body, 0
        for index in range(most):
            if position >= end:
                break
            byte = body[position]
            position += 1
            number |= (byte & 0x7F) << 7 * index
            if byte < 0x80:
                return number, position
        raise _LostError
