"""What an API server may answer instead of doing what it was asked for, by what is to be done about it."""

from typing import Any, Final

import httpx2
from lightkube import ApiError

from infergraph.kubernetes.permissions import missing_grant

_LONGEST_WAIT_S: Final = 300.0


class Absent(Exception):
    """Raised when there is no such object, or no such kind."""


class Refused(Exception):
    """Raised when it will not do it until somebody changes something. The text says why, for the status."""


class Unavailable(Exception):
    """Raised when it may do it later: too many requests, an error of its own, no answer, or a conflict in time.

    ``after_s`` is the least time to wait, where it named one.
    """

    def __init__(self, message: str, after_s: float = 0.0) -> None:
        super().__init__(message)
        self.after_s = after_s


def refusal(error: Exception, doing: str) -> Exception:
    """What an error of the client means. ``doing`` is what was asked for, such as ``patch Service models/iris``."""
    if not isinstance(error, httpx2.HTTPStatusError):
        return Unavailable(f"{doing}: {type(error).__name__} {error}".rstrip())
    status, said = _code(error), _said(error)
    match status:
        case 404 | 410:
            return Absent(f"{doing}: {said}")
        case 401 | 403:
            return Refused(": ".join(filter(None, (said, missing_grant(said)))))
        case 400 | 405 | 413 | 415 | 422:
            return Refused(said)
    return Unavailable(f"{doing}: {status} {said}", _retry_after_s(error))


def _code(error: httpx2.HTTPStatusError) -> int:
    if isinstance(error, ApiError) and error.status.code is not None:
        return int(error.status.code)
    return int(error.response.status_code)


def _said(error: httpx2.HTTPStatusError) -> str:
    if isinstance(error, ApiError) and error.status.message:
        return str(error.status.message)
    return error.response.text.strip()[:500] or error.response.reason_phrase


def _retry_after_s(error: httpx2.HTTPStatusError) -> float:
    stated: Any = getattr(error.response, "headers", {}).get("Retry-After", "")
    return min(float(stated), _LONGEST_WAIT_S) if stated.isdecimal() else 0.0
