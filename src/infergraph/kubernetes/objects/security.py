"""Whom containers run as, and what they may do."""

from collections.abc import Mapping
from typing import Any, Final

from infergraph.declaration import PodSpec
from infergraph.kubernetes.objects.settings import Settings

STRICT: Final[Mapping[str, Any]] = {
    "runAsNonRoot": True,
    "readOnlyRootFilesystem": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""Of every container with our image: nothing in it needs more."""


def pod_security(spec: PodSpec | None, settings: Settings) -> dict[str, Any] | None:
    """The pod's own security context, with the default user where it names none."""
    stated = dict(spec.security_context) if spec and spec.security_context else {}
    if settings.default_user_id is not None:
        stated.setdefault("runAsUser", settings.default_user_id)
    return stated or None


def strict(stated: Mapping[str, Any] | None, pod: Mapping[str, Any] | None) -> dict[str, Any]:
    """The strictest context, with each field that the user states for the container as it is stated."""
    context = {**STRICT, **(stated or {})}
    user = context.get("runAsUser", (pod or {}).get("runAsUser"))
    if user == 0 and "runAsNonRoot" not in (stated or {}):
        context["runAsNonRoot"] = False
    return context
