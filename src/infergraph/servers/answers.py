"""Errors as answers: the one place that turns an exception into a status and a body, in the form of the protocol."""

import asyncio
from enum import Enum
from http import HTTPStatus
from urllib.parse import quote

import msgspec
import structlog

from infergraph.errors import (
    CallerError,
    CircuitOpen,
    ComponentError,
    ComponentFailed,
    ComponentLost,
    ComponentTooSlow,
    ComponentUnreachable,
    CutShort,
    MethodNotAllowed,
    PlatformError,
    RequestError,
    VerbatimAnswer,
)
from infergraph.payloads.json_text import escape_html

log = structlog.get_logger("infergraph.request")

Headers = tuple[tuple[bytes, bytes], ...]
JSON_TYPE = (b"content-type", b"application/json")
JSON_HEADERS: Headers = (JSON_TYPE,)
RETRY_AFTER_S = 1
BODILESS = frozenset({204, 205, 304})
"""Statuses whose answers have no body (RFC 9110); one sent all the same would be taken for the next answer."""


class Form(Enum):
    """How a protocol writes errors."""

    STATUS = "status"  # seldon: {"status": {"code", "info", "reason", "status"}}
    COMPONENT = "component"  # the v1 wrapper: {"status": {"code": -1, "info", "reason", "status": 1}}
    ERROR = "error"  # v2 and tensorflow: {"error": "a sentence"}


class Answer(msgspec.Struct, frozen=True):
    """An HTTP answer, not yet sent.

    ``headers`` are those beside the ones that every answer has, ``refusal`` is the reason of one that refuses.
    """

    status: int
    body: bytes
    headers: Headers = JSON_HEADERS
    refusal: str = ""


def answer_to(error: BaseException, puid: str, form: Form = Form.STATUS) -> Answer:
    """The answer to a request that failed; a failure that is not the caller's is logged here, once."""
    if isinstance(error, asyncio.CancelledError):  # the drain has run out of time
        error = CutShort("The server is going down, and this request was not done in time")
    if not isinstance(error, RequestError):
        log.error("unexpected_error", puid=puid, exc_info=error)
        info = f"{type(error).__name__}: {error} (request {puid})"
        return Answer(500, _unexpected(info, form))
    log_failure(error, puid)
    if isinstance(error, VerbatimAnswer):
        return _verbatim(error, form)
    headers, refusal = (JSON_TYPE, *_own_headers(error)), refusal_of(error)
    if form is not Form.ERROR:
        return Answer(error.http_status, body_of(error, form), headers, refusal)
    reason = (b"infergraph-reason", quote(error.reason).encode())  # these protocols have no place for it
    return Answer(error.http_status, error_body(str(error)), (*headers, reason), refusal)


def _unexpected(info: str, form: Form) -> bytes:
    if form is Form.ERROR:
        return error_body(info)
    if form is Form.COMPONENT:
        return component_body(info, "MICROSERVICE_INTERNAL_ERROR")
    return status_body(500, info, "INTERNAL_ERROR")


def refusal_of(error: BaseException) -> str:
    """Why a request was refused; empty when it was not, but failed. A word of ours, never one of the request."""
    return type(error).reason if isinstance(error, CallerError | PlatformError) else ""


def _verbatim(error: VerbatimAnswer, form: Form) -> Answer:
    if error.http_status in BODILESS:
        return Answer(error.http_status, b"")
    if form is not Form.ERROR:
        return Answer(error.http_status, error.body)
    return Answer(error.http_status, error_body(info_of(error)))


def info_of(error: VerbatimAnswer) -> str:
    """What a component's own body says, in whichever protocol it speaks."""
    try:
        body = msgspec.json.decode(error.body, type=dict)
    except msgspec.DecodeError:
        return str(error)
    status = body.get("status")
    info = status.get("info") if isinstance(status, dict) else body.get("error")
    return info if isinstance(info, str) and info else str(error)


def _own_headers(error: RequestError) -> Headers:
    if isinstance(error, ComponentFailed):  # the body is the v1 wrapper's, which has no place for it
        return ((b"infergraph-unit", quote(error.unit).encode()),)
    if isinstance(error, MethodNotAllowed):
        return ((b"allow", error.allowed.encode()),)
    is_ours = isinstance(error, PlatformError | ComponentUnreachable)
    if is_ours and error.status == HTTPStatus.SERVICE_UNAVAILABLE and not error.has_begun:
        return ((b"retry-after", b"%d" % RETRY_AFTER_S),)
    return ()


def body_of(error: RequestError, form: Form = Form.STATUS) -> bytes:
    """The Status message of an error.

    What the v1 wrapper would have answered keeps the wrapper's form, code -1 and status 1; the engine's own answers
    have the HTTP status as code and FAILURE as status (SELDON_V1 §3.4, §4.2). User code may choose another body.
    """
    if isinstance(error, ComponentFailed) and error.body is not None:
        return error.body
    if error.is_component_error or form is Form.COMPONENT:
        return component_body(str(error), error.reason)
    return status_body(error.http_status, str(error), error.reason)


def component_body(info: str, reason: str) -> bytes:
    """The v1 wrapper's form of a Status message."""
    return _encoded({"code": -1, "info": info, "reason": reason, "status": 1})


def status_body(code: int, info: str, reason: str) -> bytes:
    """The engine's form of a Status message."""
    return _encoded({"code": code, "info": info, "reason": reason, "status": "FAILURE"})


def error_body(info: str) -> bytes:
    """The error of the v2 and the tensorflow protocols."""
    return escape_html(msgspec.json.encode({"error": sayable(info)}))


def _encoded(status: dict[str, object]) -> bytes:
    fields = {key: sayable(value) if isinstance(value, str) else value for key, value in status.items()}
    return escape_html(msgspec.json.encode({"status": fields}))


def sayable(text: str) -> str:
    """The text of an exception as UTF-8 can say it: half a surrogate pair, as from a file name, is spelled out."""
    return text.encode(errors="backslashreplace").decode()


def log_failure(error: RequestError, puid: str) -> None:
    """Log a failure that is not the caller's."""
    if isinstance(error, CallerError):
        return
    if isinstance(error, ComponentFailed):
        log.error("component_failed", unit=error.unit, puid=puid, error=str(error), exc_info=error.__cause__)
    elif isinstance(error, CircuitOpen):
        return  # that it opened was logged
    elif isinstance(error, ComponentLost | ComponentTooSlow | ComponentUnreachable):
        log.error("component_call_failed", puid=puid, error=str(error))
    elif isinstance(error, ComponentError):
        log.error("component_answer_refused", puid=puid, error=str(error))
    else:
        log.warning("request_refused", puid=puid, error=str(error))
