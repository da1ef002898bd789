"""Whether a Deployment has become what was said of it."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

NO_PROGRESS: Final = "Deployment is no longer progressing and not available."


class Rollout(Struct, frozen=True, kw_only=True):
    """The pods of a Deployment."""

    wanted: int
    updated: int
    available: int
    total: int
    is_seen: bool
    """Whether these numbers are about what the Deployment says now."""
    has_stalled: bool
    """Whether nothing comes any more, and nothing is there."""

    @property
    def is_ready(self) -> bool:
        """All pods are as they are to be, and no other pod is left. None, where none are wanted, is ready too."""
        return self.is_seen and self.wanted == self.updated == self.available == self.total


def rollout(live: Mapping[str, Any]) -> Rollout:
    """The state of a Deployment as the cluster tells it."""
    status = live.get("status") or {}
    wanted = live["spec"].get("replicas", 1)
    said = {one["type"]: one["status"] for one in status.get("conditions") or ()}
    return Rollout(
        wanted=wanted,
        updated=status.get("updatedReplicas", 0),
        available=status.get("availableReplicas", 0),
        total=status.get("replicas", 0),
        is_seen=status.get("observedGeneration", 0) >= live["metadata"].get("generation", 0),
        has_stalled=said.get("Progressing") == "False" and said.get("Available") == "False",
    )
