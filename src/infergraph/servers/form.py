"""The form that a message comes in: JSON itself, or JSON in a query, a form or a multipart body (SELDON_V1 §4.2)."""

import base64
import logging
import sys
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import parse_qs

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from infergraph.errors import BadMessage, UnsupportedMedia
from infergraph.payloads import json_text
from infergraph.servers.request import Request

MAX_PARTS = 100
MAX_FIELDS = 1000
MAX_BOUNDARY = 70  # RFC 2046 §5.1.1
_JSON_TYPES = frozenset({b"application/json", b"text/plain", b"text/json", b""})

# It warns of every broken body; a caller's mistake is the caller's to read, and must not fill our log.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


def is_json(body: bytes, request: Request) -> bool:
    """Whether the body itself is the message, in JSON: also plain text, and what does not say its type."""
    if not body and request.query:
        return False
    content_type = request.headers.get(b"content-type", b"")
    return content_type == b"application/json" or _is_json_type(_kind(content_type))


async def message_in_form(body: bytes, request: Request, max_depth: int) -> Any:
    """The JSON value of a message that came in another form (SELDON_V1 §4.2, Reading a request).

    :raises UnsupportedMedia: for a type that carries no message.
    :raises BadMessage: when the form is broken, or holds no JSON.
    """
    if not body and (value := _json_field(request.query, "query")) is not None:
        return json_text.decode(value, max_depth)
    content_type = request.headers.get(b"content-type", b"")
    kind = _kind(content_type)
    if kind == b"application/x-www-form-urlencoded":
        return _urlencoded(body, max_depth)
    if kind == b"multipart/form-data":
        return _multipart_message(body, await _multipart(body, content_type), max_depth)
    if _is_json_type(kind):
        return json_text.decode(body, max_depth)
    raise UnsupportedMedia(
        f"Expected Content-Type application/json or a form, got {content_type[:100].decode('latin-1')}"
    )


def _kind(content_type: bytes) -> bytes:
    return content_type.partition(b";")[0].strip().lower()


def _is_json_type(kind: bytes) -> bool:
    return kind in _JSON_TYPES or kind.endswith(b"+json")


def _urlencoded(body: bytes, max_depth: int) -> Any:
    """The field ``json``; also a bare JSON body, which curl sends under this type when it is told no other."""
    if body.lstrip().startswith((b"{", b"[")):
        return json_text.decode(body, max_depth)
    value = _json_field(body, "form")
    if value is None:
        raise BadMessage("Can't find JSON in data: expected a form field `json`")
    return json_text.decode(value, max_depth)


def _json_field(text: bytes, where: str) -> bytes | None:
    """The first field ``json`` of what is written as a query."""
    try:
        fields = parse_qs(text.decode(), errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise BadMessage(f"Can't find JSON in data: the {where} cannot be read: {error}") from None
    return fields["json"][0].encode() if "json" in fields else None


class _InMemoryParser(MultiPartParser):
    spool_max_size = sys.maxsize  # the body is in memory already, and there may be no disk to write to


async def _multipart(body: bytes, content_type: bytes) -> FormData:
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not 1 <= len(boundary) <= MAX_BOUNDARY:
        raise BadMessage(f"Expected multipart/form-data with a boundary of 1 to {MAX_BOUNDARY} characters")
    if b"--%b--" % boundary not in body:
        raise BadMessage("The multipart body is broken: the boundary that ends it is missing")
    parser = _InMemoryParser(
        Headers({"content-type": f'multipart/form-data; boundary="{boundary.decode("latin-1")}"'}),
        _stream(body),
        max_files=MAX_PARTS,
        max_fields=MAX_PARTS,
        max_part_size=len(body) + 1,  # the body as a whole is within its limit already
    )
    try:
        return await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise BadMessage(f"The multipart body is broken: {error}") from None


def _multipart_message(body: bytes, form: FormData, max_depth: int) -> dict[str, Any]:
    message: dict[str, Any] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            message[name] = _file(name, value)
        elif not value.isascii() and value.encode() not in body:  # starlette has read it as Latin-1 then
            raise BadMessage(f"The field {name:.100} is not UTF-8 text; send bytes as a file named binData")
        else:
            message[name] = value if name == "strData" else json_text.decode(value.encode(), max_depth)
    return message


def _file(name: str, upload: UploadFile) -> str:
    content = upload.file.read()
    if name == "binData":
        return base64.b64encode(content).decode()
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise BadMessage(
            f"The file in field {name:.100} is not UTF-8 text ({error.reason}); send bytes as binData"
        ) from None


async def _stream(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
    yield b""
