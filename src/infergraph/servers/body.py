"""The body of a request: read within limits, and decompressed."""

import zlib
from collections.abc import Mapping
from typing import Any

from starlette.types import Receive

from infergraph.errors import BadMessage, BodyTooLarge, CallerError, UnsupportedMedia
from infergraph.servers.limits import Limits

HeaderMap = Mapping[bytes, bytes]

_WINDOW_BITS = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}


class ClientGone(Exception):
    """Raised when the client left before its request was complete: there is nobody to answer."""


async def read_body(headers: HeaderMap, receive: Receive, limits: Limits) -> bytes:
    """The whole body, decompressed.

    :raises BodyTooLarge: as soon as it is known, before the rest is read.
    :raises UnsupportedMedia: for an unknown Content-Encoding.
    :raises BadMessage: when what is compressed is broken.
    """
    length = headers.get(b"content-length")
    if length is not None and int(length) > limits.body_bytes:
        raise _too_large(limits)
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body") or message["type"] == "http.disconnect":
        body = await _read_rest(message, body, receive, limits)
    if len(body) > limits.body_bytes:
        raise _too_large(limits)
    encoding = headers.get(b"content-encoding")
    return body if encoding is None else _decompressed(body, encoding.strip().lower(), limits)


async def _read_rest(message: Any, body: bytes, receive: Receive, limits: Limits) -> bytes:
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > limits.body_bytes:
            raise _too_large(limits)
        parts.append(part)
    if message["type"] == "http.disconnect":
        raise ClientGone
    return b"".join(parts)


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
