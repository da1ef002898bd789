"""What annotations say about a mapping of Ambassador: headers, times, retries, circuit breakers (SELDON_V1 §2.7)."""

from collections.abc import Mapping
from typing import Any, Final

from infergraph.errors import BadManifest
from infergraph.kubernetes.objects.number import number
from infergraph.kubernetes.objects.traffic import GRPC_TIMEOUT, REST_TIMEOUT
from infergraph.kubernetes.objects.variant import Variant

_PREFIX: Final = "seldon.io/ambassador-"
_TIMEOUT_MS: Final = 3000
_USUAL_IDLE_MS: Final = 300_000
"""For how long Ambassador lets a connection idle by itself."""
_BREAKERS: Final = ("max_connections", "max_pending_requests", "max_requests", "max_retries")


def rules(variant: Variant, *, is_first: bool, headers: Mapping[str, str], is_grpc: bool) -> dict[str, Any]:
    """The rest of a mapping, after where it comes from and where it leads.

    :raises BadManifest: when an annotation cannot be read.
    """
    deployment, predictor = variant.deployment, variant.predictor
    timeout_ms = number(deployment, GRPC_TIMEOUT if is_grpc else REST_TIMEOUT, _TIMEOUT_MS)
    identity = deployment.annotation(f"{_PREFIX}id")
    found = {
        "headers": {**headers, **_headers(variant, "header")},
        "regex_headers": _headers(variant, "regex-header"),
        "timeout_ms": timeout_ms,
        "idle_timeout_ms": timeout_ms if timeout_ms > _USUAL_IDLE_MS else None,
        "retry_policy": _retries(variant),
        "weight": _weight(variant, is_first=is_first),
        "shadow": True if predictor.shadow else None,
        "ambassador_id": identity,
        "circuit_breakers": _circuit_breakers(variant),
        "tls": _context(variant),
    }
    return {name: value for name, value in found.items() if value not in (None, {}, [])}


def _weight(variant: Variant, *, is_first: bool) -> int | None:
    """A shadow without a number gets a copy of everything; any other share is written, none too."""
    share = variant.predictor.traffic
    return None if is_first or (variant.predictor.shadow and not share) else share


def _headers(variant: Variant, kind: str) -> dict[str, str]:
    """``name : value``, and more pairs after another colon."""
    text = variant.deployment.annotation(f"{_PREFIX}{kind}")
    if not text:
        return {}
    parts = [part.strip() for part in text.split(":")]
    if len(parts) % 2:
        raise BadManifest(f"the annotation {_PREFIX}{kind} has pairs `name : value`, got {text!r}")
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _retries(variant: Variant) -> dict[str, Any]:
    count = number(variant.deployment, f"{_PREFIX}retries", 0)
    return {"retry_on": "gateway-error", "num_retries": count} if count else {}


def _circuit_breakers(variant: Variant) -> list[dict[str, int]]:
    found = {
        name: limit
        for name in _BREAKERS
        if (limit := number(variant.deployment, f"{_PREFIX}circuit-breakers-{name.replace('_', '-')}", None))
        is not None
    }
    return [found] if found else []


def _context(variant: Variant) -> list[str] | None:
    """The parts of the name of the TLSContext; how they are joined depends on the version."""
    if not variant.certificate:
        return None
    deployment = variant.deployment
    return ["seldon", deployment.namespace, deployment.name, variant.predictor.name, "tls", "config"]
