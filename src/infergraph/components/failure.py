"""What an exception of user code means to the caller."""

from typing import Any

from infergraph.errors import ComponentFailed
from infergraph.payloads import json_text
from infergraph.payloads.payload import JsonObject


def failure(error: BaseException, unit: str) -> ComponentFailed:
    """What the caller hears of an exception of user code: its message, its ``status_code``, ``reason`` and body if any.

    The v1 wrapper's own exception has these (SELDON_V1 §4.2, Errors). One with a status of its own chooses the body
    too: what ``to_dict()`` gives, or what its ``payload`` has beside the usual one.
    """
    message = getattr(error, "message", None)
    info = message if isinstance(message, str) and message else _text(error) or type(error).__name__
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and 400 <= status <= 599:
        reason = str(getattr(error, "reason", None) or "MICROSERVICE_BAD_DATA")
        return ComponentFailed(info, unit=unit, status=status, reason=reason, body=_body(error, info, reason))
    return ComponentFailed(info, unit=unit)


def _body(error: BaseException, info: str, reason: str) -> bytes | None:
    """The body that the exception itself chooses; None when it does not, or JSON cannot say it."""
    try:
        if callable(to_dict := getattr(error, "to_dict", None)):
            return json_text.encode(_object(to_dict()))
        if isinstance(payload := getattr(error, "payload", None), dict):
            status = {"code": -1, "info": info, "reason": reason, "status": 1}
            return json_text.encode({**payload, "status": status})
    except Exception:  # noqa: BLE001 - whatever it chose is no body, so it gets the usual one
        return None
    return None


def _object(value: Any) -> JsonObject:
    if not isinstance(value, dict):
        raise TypeError(f"expected a dict, got {type(value).__name__}")
    return value


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - an exception may fail even at saying what it is
        return ""
