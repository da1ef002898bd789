"""Errors as gRPC statuses: the one place that turns an exception into a code, details and trailing metadata."""

import asyncio
from urllib.parse import quote

import grpc
import msgspec
import structlog

from infergraph.errors import ComponentFailed, CutShort, RequestError, VerbatimAnswer
from infergraph.servers.answers import info_of, log_failure, refusal_of, sayable

log = structlog.get_logger("infergraph.request")

MAX_DETAILS_BYTES = 2000  # trailers are limited, percent-encoding makes three of one, and over it a client sees nothing

# Where a component chose an HTTP status: the codes that gRPC has for it (google.rpc.Code).
_CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    408: grpc.StatusCode.DEADLINE_EXCEEDED,
    409: grpc.StatusCode.ABORTED,
    412: grpc.StatusCode.FAILED_PRECONDITION,
    413: grpc.StatusCode.RESOURCE_EXHAUSTED,
    416: grpc.StatusCode.OUT_OF_RANGE,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    499: grpc.StatusCode.CANCELLED,
    501: grpc.StatusCode.UNIMPLEMENTED,
    503: grpc.StatusCode.UNAVAILABLE,
    504: grpc.StatusCode.DEADLINE_EXCEEDED,
}


_NAMES = {code: code.name.title().replace("_", "") for code in grpc.StatusCode}
_NAMES |= {grpc.StatusCode.OK: "OK", grpc.StatusCode.CANCELLED: "Canceled"}


class Failure(msgspec.Struct, frozen=True):
    """How a call ends that failed; ``refusal`` is the reason of one that was refused."""

    code: grpc.StatusCode
    details: str
    trailers: tuple[tuple[str, str], ...] = ()
    refusal: str = ""


def failure_of(error: BaseException, puid: str) -> Failure:
    """The end of a call that raised; a failure that is not the caller's is logged here, once."""
    if isinstance(error, asyncio.CancelledError):  # the drain has run out of time
        error = CutShort("The server is going down, and this request was not done in time")
    if not isinstance(error, RequestError):
        log.error("unexpected_error", puid=puid, exc_info=error)
        details = f"{type(error).__name__}: {error} (request {puid})"
        return Failure(grpc.StatusCode.INTERNAL, _short(details))
    log_failure(error, puid)
    if isinstance(error, VerbatimAnswer):
        return Failure(_code(error.http_status), _short(info_of(error)))
    trailers: tuple[tuple[str, str], ...] = (("infergraph-reason", quote(error.reason)),)
    if isinstance(error, ComponentFailed):
        trailers = (*trailers, ("infergraph-unit", quote(error.unit)))
        return Failure(_code(error.http_status), _short(str(error)), trailers)
    return Failure(grpc.StatusCode[error.grpc_code], _short(str(error)), trailers, refusal_of(error))


def code_name(code: grpc.StatusCode) -> str:
    """A code as metrics have it, in Go's way: ``OK``, ``InvalidArgument`` (SELDON_V1 §7.1)."""
    return _NAMES[code]


def _code(http_status: int) -> grpc.StatusCode:
    other = grpc.StatusCode.INVALID_ARGUMENT if 400 <= http_status < 500 else grpc.StatusCode.INTERNAL
    return _CODES.get(http_status, other)


def _short(details: str) -> str:
    body = sayable(details).encode()
    if len(body) <= MAX_DETAILS_BYTES:
        return body.decode()
    return f"{body[:MAX_DETAILS_BYTES].decode(errors='ignore')}…"
