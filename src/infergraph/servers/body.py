"""The body of a request: read within limits, and decompressed."""

import zlib
from typing import TYPE_CHECKING

from infergraph.errors import BadMessage, BodyTooLarge, CallerError, UnsupportedMedia
from infergraph.servers.limits import Limits

if TYPE_CHECKING:
    from infergraph.servers.request import Request

SMALL_BYTES = 4096
_WINDOW_BITS = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}


class Pieces:
    """A body that comes in pieces, put together once, when it is whole."""

    __slots__ = ("_pieces", "_size")

    def __init__(self, first: bytes) -> None:
        self._pieces: list[bytes | bytearray] = [first]
        self._size = len(first)

    def add(self, piece: bytes) -> int:
        """Keep one more. Returns how many bytes are here."""
        self._size += len(piece)
        last = self._pieces[-1]
        if len(piece) >= SMALL_BYTES:
            self._pieces.append(piece)
        elif isinstance(last, bytearray):  # an object for each of millions of bytes would fill the memory
            last += piece
        else:
            self._pieces.append(bytearray(piece))
        return self._size

    def joined(self) -> bytes:
        """The whole body."""
        return b"".join(self._pieces)


def read_body(request: "Request", limits: Limits) -> bytes:
    """The whole body, decompressed.

    :raises BodyTooLarge: when it has more bytes than the limit, as sent or decompressed.
    :raises UnsupportedMedia: for an unknown Content-Encoding.
    :raises BadMessage: when what is compressed is broken.
    """
    body = request.body
    if body is None:
        raise _too_large(limits)
    encoding = request.headers.get(b"content-encoding")
    return body if encoding is None else _decompressed(body, encoding.strip().lower(), limits)


def _decompressed(body: bytes, encoding: bytes, limits: Limits) -> bytes:
    if encoding in (b"identity", b""):
        return body
    if encoding not in _WINDOW_BITS:
        raise UnsupportedMedia(f"Expected Content-Encoding gzip, deflate or identity, got {_text(encoding)}")
    inflater = zlib.decompressobj(_WINDOW_BITS[encoding])
    try:
        plain = inflater.decompress(body, limits.body_bytes + 1)
    except zlib.error as error:
        raise BadMessage(f"The body is not {_text(encoding)}, as its Content-Encoding says: {error}") from None
    if len(plain) > limits.body_bytes:
        raise _too_large(limits)
    if not inflater.eof:
        raise BadMessage(f"The {_text(encoding)} body ends too early")
    if inflater.unused_data:
        raise BadMessage(f"Something follows the end of the {_text(encoding)} body; compress it in one piece")
    return plain


def _text(value: bytes) -> str:
    return value[:100].decode("latin-1")


def _too_large(limits: Limits) -> CallerError:
    return BodyTooLarge(f"A body has at most {limits.body_bytes} bytes here, and this one has more")
