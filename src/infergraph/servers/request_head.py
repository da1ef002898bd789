"""The request line and headers: what the parser lets through and a proxy before us may read otherwise.

Pure functions; those that check raise `Refusal` for what is not HTTP/1.1 to the letter (RFC 9110, RFC 9112).
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import httptools

from infergraph.servers.limits import Limits
from infergraph.servers.refusal import Refusal, malformed

Header = tuple[bytes, bytes]


def check_head_size(url: bytes, headers: Sequence[Header], pending_bytes: int, limits: Limits) -> None:
    """Refuse a head over the limits. ``pending_bytes`` are those that came for it, read or not.

    :raises Refusal: 431, when it has too many lines or bytes.
    """
    count = len(headers)
    # Four bytes a line: colon, space and line end.
    size_bytes = sum(map(len, chain.from_iterable(headers))) + 4 * count + len(url)
    if count > limits.header_count:
        info = f"expected at most {limits.header_count} headers, got more"
    elif max(size_bytes, pending_bytes) > limits.header_bytes:
        info = f"expected at most {limits.header_bytes} bytes of request line and headers, got more"
    else:
        return
    raise Refusal(431, "HEADERS_TOO_LARGE", info)


def without_upgrade(method: bytes, url: bytes, version: str, headers: Sequence[Header]) -> bytes:
    """The head as it would be if it did not ask for another protocol."""
    lines = [b"%b %b HTTP/%b\r\n" % (method, url, version.encode())]
    lines += [b"%b: %b\r\n" % header for header in headers if header[0] != b"upgrade"]
    return b"".join([*lines, b"\r\n"])


def check_no_tunnel(method: bytes, url: bytes) -> None:
    """CONNECT asks for a tunnel to elsewhere."""
    if method == b"CONNECT":
        raise malformed(f"expected a request for a path of this server, got CONNECT {_shown(url)}; this is no proxy")


def check_old_version(version: str, names: list[bytes]) -> None:
    """A version that is not 1.1 is 1.0, and then a body has its length beside it."""
    if version != "1.0":
        raise malformed(f"expected HTTP/1.1 or HTTP/1.0, got HTTP/{version}")
    if b"transfer-encoding" in names:
        raise malformed("expected a Content-Length, got Transfer-Encoding, which HTTP/1.0 does not have")


def check_transfer_encoding(value: bytes) -> None:
    """The one way of sending a body in pieces is to say chunked, and only that."""
    if value.strip(b" \t").lower() != b"chunked":
        raise malformed(
            f"expected chunked as the Transfer-Encoding, got {_shown(value)}; compress with Content-Encoding"
        )


def origin_form(url: bytes, method: bytes) -> bytes:
    """Path and query of a request target that is none: ``http://host/path?query``, or ``*`` (RFC 9112 section 3.2)."""
    if method == b"OPTIONS" and url == b"*":
        return b"/"
    try:
        target: Any = httptools.parse_url(url)  # absent parts are None, whatever its types say
    except httptools.HttpParserInvalidURLError:
        raise _bad_target(url) from None
    if target.fragment is not None or target.schema is None or target.schema.lower() not in {b"http", b"https"}:
        raise _bad_target(url)
    query = b"" if target.query is None else b"?" + target.query
    return (target.path or b"/") + query


def _bad_target(url: bytes) -> Refusal:
    return malformed(f"expected a path such as /api/v1.0/predictions as the request target, got {_shown(url)}")


def _shown(value: bytes) -> str:
    """What came, for a message: printable, and no longer than a line."""
    return repr(value[:80].decode("latin-1"))
