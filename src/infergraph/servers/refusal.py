"""A request that ends before it reaches the application, and the answer that its sender gets."""

import logging
from http import HTTPStatus

import httptools
import msgspec

PHRASES = {status.value: status.phrase for status in HTTPStatus}
STATUS_LINES = {code: f"HTTP/1.1 {code} {PHRASES.get(code, '')}\r\n".encode() for code in range(100, 600)}
"""The first line of an answer by its status, which a component may choose."""

logger = logging.getLogger("infergraph.connection")


class Refusal(Exception):
    """Raised when a request ends here, before the application: ``status`` is HTTP's, ``str(error)`` for the caller."""

    def __init__(self, status: int, reason: str, info: str) -> None:
        super().__init__(info)
        self.status = status
        self.reason = reason

    def answer(self) -> bytes:
        """The whole answer as bytes on the wire, in the form of the v1 protocol; the connection closes after it."""
        info = {"code": self.status, "info": str(self), "reason": self.reason, "status": "FAILURE"}
        body = msgspec.json.encode({"status": info})
        length = b"content-length: %d\r\n" % len(body)
        headers = b"content-type: application/json\r\n%bconnection: close\r\n\r\n" % length
        return STATUS_LINES[self.status] + headers + body


def malformed(info: str) -> Refusal:
    """What is not HTTP/1.1 to the letter (RFC 9110, RFC 9112)."""
    return Refusal(400, "MALFORMED_HTTP", info)


def refusal_of(error: httptools.HttpParserError) -> Refusal:
    """What the parser's error means to the caller; it wraps what its callbacks raise."""
    cause = error.__context__ if isinstance(error, httptools.HttpParserCallbackError) else error
    if isinstance(cause, Refusal):
        return cause
    if isinstance(cause, httptools.HttpParserError):
        return malformed(f"expected an HTTP/1.1 request, got what cannot be read as one: {cause}")
    logger.error("a connection failed where it should not", exc_info=cause)
    return Refusal(500, "INTERNAL_ERROR", "the server failed while it read the request; its log says how")
