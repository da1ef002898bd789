"""What an exception of user code means to the caller."""

from infergraph.errors import ComponentFailed


def failure(error: BaseException, unit: str) -> ComponentFailed:
    """What the caller hears of an exception of user code: its message, its ``status_code`` and ``reason`` if any.

    The v1 wrapper's own exception carries both (SELDON_V1 §4.2, Errors).
    """
    message = getattr(error, "message", None)
    info = message if isinstance(message, str) and message else _text(error) or type(error).__name__
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and 400 <= status <= 599:
        reason = getattr(error, "reason", None) or "MICROSERVICE_BAD_DATA"
        return ComponentFailed(info, unit=unit, status=status, reason=str(reason))
    return ComponentFailed(info, unit=unit)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - an exception may fail even at saying what it is
        return ""
