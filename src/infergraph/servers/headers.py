"""The headers that every answer has (SELDON_V1 §3.4, Middlewares)."""

import os
import random
from typing import TYPE_CHECKING

from infergraph.servers.answers import JSON_HEADERS, Answer

if TYPE_CHECKING:
    from infergraph.servers.request import Request

PUID = b"seldon-puid"
JSON_LINE = b"content-type: application/json\r\n"
MAX_PUID_BYTES = 256
DEFAULT_ALLOWED_HEADERS = "Accept, Accept-Encoding, Authorization, Content-Length, Content-Type, X-CSRF-Token"


def puid_of(given: str) -> str:
    """The id of a request: the caller's, or a new random UUID.

    One over ``MAX_PUID_BYTES``, or not of printable ASCII, is replaced: answers and logs repeat it, clients take
    only so much of headers, and terminals obey some of the rest.
    """
    if given and len(given) <= MAX_PUID_BYTES and given.isascii() and given.isprintable():
        return given
    return _new_puid()


# Not uuid.uuid4, which asks the kernel each time, and lets another thread have the interpreter meanwhile: under load
# that was a tenth of a call over gRPC. A generator of its own, so that a component's random.seed repeats no id.
_RANDOM = random.Random()  # noqa: S311 - an id is no secret
_FREE_BITS = ~(0xF << 76 | 0b11 << 62)
_VERSION_4 = 4 << 76 | 0b10 << 62
os.register_at_fork(after_in_child=_RANDOM.seed)


def _new_puid() -> str:
    """A random UUID (RFC 9562 §5.4)."""
    digits = f"{_RANDOM.getrandbits(128) & _FREE_BITS | _VERSION_4:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class ResponseHeaders:
    """Makes the headers of answers: request id, CORS, no sniffing, CloudEvents where the request was one.

    CORS follows the environment variables CORS_ALLOWED_ORIGINS and CORS_ALLOWED_HEADERS, as with the v1 executor;
    answers that are not ``is_shared`` have none, and no web page of another origin can read them.
    """

    def __init__(self, name: str = "infergraph", namespace: str = "", *, is_shared: bool = True) -> None:
        self._source = f"seldon.{name}"
        self._type = f"seldon.{name}.{namespace}.response"
        self._is_shared = is_shared

    def fixed(self, methods: str) -> bytes:
        """The lines that every answer of a path has; ``methods`` are those of the path."""
        lines = ["x-content-type-options: nosniff"]
        if self._is_shared:
            lines += [
                f"access-control-allow-origin: {os.environ.get('CORS_ALLOWED_ORIGINS') or '*'}",
                f"access-control-allow-headers: {os.environ.get('CORS_ALLOWED_HEADERS') or DEFAULT_ALLOWED_HEADERS}",
                f"access-control-allow-methods: {methods}",
            ]
        return "".join(f"{line}\r\n" for line in lines).encode()

    def lines(self, answer: Answer, fixed: bytes, request: "Request") -> bytes:
        """All lines of an answer to a request; ``fixed`` are those that its path always has."""
        own = JSON_LINE if answer.headers is JSON_HEADERS else b"".join(b"%b: %b\r\n" % pair for pair in answer.headers)
        # 204 has no length, not even zero (RFC 9110 section 8.6).
        length = b"" if answer.status == 204 else b"content-length: %d\r\n" % len(answer.body)
        event = self._cloud_event(request) if b"ce-specversion" in request.headers else b""
        return b"%b%bseldon-puid: %b\r\n%b%b" % (own, fixed, request.puid.encode(), length, event)

    def _cloud_event(self, request: "Request") -> bytes:
        lines = {
            "ce-id": request.puid,
            "ce-specversion": "0.3",
            "ce-path": request.raw_path.decode("ascii"),
            "ce-type": self._type,
            "ce-source": self._source,
        }
        return "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode()
