"""How a container is asked whether it lives and is ready."""

from typing import Any

PRE_STOP: dict[str, Any] = {"preStop": {"exec": {"command": ["/bin/sh", "-c", "/bin/sleep 10"]}}}
"""A unit goes on for ten seconds when its pod is to end, so that the engine beside it can finish (SELDON_V1 §2.3)."""


def probe(
    handler: dict[str, Any], *, delay_s: int, timeout_s: int = 1, period_s: int = 5, failures: int = 3
) -> dict[str, Any]:
    """A probe with the numbers of the first version, each one written out."""
    return {
        **handler,
        "initialDelaySeconds": delay_s,
        "periodSeconds": period_s,
        "failureThreshold": failures,
        "successThreshold": 1,
        "timeoutSeconds": timeout_s,
    }


def tcp(port: str | int) -> dict[str, Any]:
    """Whether the port takes connections."""
    return {"tcpSocket": {"port": port}}


def http(path: str, port: str | int, *, is_tls: bool = False) -> dict[str, Any]:
    """Whether a GET is answered with a status below 400."""
    return {"httpGet": {"path": path, "port": port, "scheme": "HTTPS" if is_tls else "HTTP"}}


def with_numbers_of(default: dict[str, Any], stated: Any) -> dict[str, Any]:
    """The default with what the user says of delay, period, timeout and failures, or the user's own command.

    A port or a path that a unit's container would have means nothing in the engine's.
    """
    if not stated:
        return default
    if "exec" in stated:
        return dict(stated)
    handlers = {"httpGet", "tcpSocket", "grpc"}
    return {**default, **{name: value for name, value in stated.items() if name not in handlers}}
