"""The body of a request: read within limits, decompressed, and brought to JSON whatever form it came in."""

import base64
import zlib
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.types import Receive

from infergraph.errors import BadMessage, BodyTooLarge, CallerError, UnsupportedMedia
from infergraph.payloads import json_text
from infergraph.servers.limits import Limits

HeaderMap = Mapping[bytes, bytes]

MAX_PARTS = 100
MAX_BOUNDARY = 70  # RFC 2046 §5.1.1
_JSON_TYPES = (b"application/json", b"text/plain", b"text/json")
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
    if encoding == b"identity":
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
    return plain


def is_json(content_type: bytes | None) -> bool:
    """Whether a body of this type is read as JSON: also plain text, and what does not say its type."""
    if content_type is None or content_type.startswith(_JSON_TYPES):
        return True
    return (
        content_type.partition(b";")[0].strip().lower().endswith((b"+json", *_JSON_TYPES)) or not content_type.strip()
    )


async def message_in_form(body: bytes, content_type: bytes, query: bytes) -> Any:
    """The JSON value of a message that came in another form (SELDON_V1 §4.2, Reading a request).

    :raises UnsupportedMedia: for a type that carries no message.
    :raises BadMessage: when the form is broken, or holds no JSON.
    """
    if query and not body and (values := parse_qs(query.decode("latin-1")).get("json")):
        return json_text.decode(values[0].encode())
    kind = content_type.partition(b";")[0].strip().lower()
    if kind == b"application/x-www-form-urlencoded":
        return await _urlencoded(body, content_type)
    if kind == b"multipart/form-data":
        return _multipart_message(await _multipart(body, content_type))
    raise UnsupportedMedia(f"Expected Content-Type application/json or a form, got {_text(content_type)}")


async def _urlencoded(body: bytes, content_type: bytes) -> Any:
    """The field ``json``; also a bare JSON body, which curl sends under this type when it is told no other."""
    if body.lstrip().startswith((b"{", b"[")):
        return json_text.decode(body)
    form = await FormParser(Headers({"content-type": _text(content_type)}), _stream(body)).parse()
    value = form.get("json")
    if not isinstance(value, str):
        raise BadMessage("Can't find JSON in data: expected a form field `json`")
    return json_text.decode(value.encode())


async def _multipart(body: bytes, content_type: bytes) -> FormData:
    boundary = content_type.partition(b"boundary=")[2]
    if not boundary or len(boundary) > MAX_BOUNDARY + 2:
        raise BadMessage(f"Expected multipart/form-data with a boundary of 1 to {MAX_BOUNDARY} characters")
    parser = MultiPartParser(
        Headers({"content-type": _text(content_type)}),
        _stream(body),
        max_files=MAX_PARTS,
        max_fields=MAX_PARTS,
        max_part_size=len(body) + 1,  # the body as a whole is within its limit already
    )
    try:
        return await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise BadMessage(f"The multipart body is broken: {error}") from None


def _multipart_message(form: FormData) -> dict[str, Any]:
    message: dict[str, Any] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            message[name] = _file(name, value)
        else:
            message[name] = value if name == "strData" else json_text.decode(value.encode())
    return message


def _file(name: str, upload: UploadFile) -> str:
    content = upload.file.read()
    if name == "binData":
        return base64.b64encode(content).decode()
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise BadMessage(
            f"The file in field {name} is not UTF-8 text ({error.reason}); send bytes as binData"
        ) from None


async def _stream(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
    yield b""


def _text(value: bytes) -> str:
    return value[:100].decode("latin-1")


def _too_large(limits: Limits) -> CallerError:
    return BodyTooLarge(f"A body has at most {limits.body_bytes} bytes here, and this one has more")
