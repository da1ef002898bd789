"""A Lease of coordination.k8s.io as the candidates of an election write it, and what a candidate does about one."""

from enum import Enum
from typing import Any, Final

import msgspec
from msgspec import Struct

API_VERSION: Final = "coordination.k8s.io/v1"
_UNSAID_S: Final = 15
"""How long a lease lasts that does not say it."""


class Timing(Struct, frozen=True, kw_only=True):
    """How long what lasts in an election, in seconds; the defaults are client-go's (SELDON_V1 §2.9).

    :raises ValueError: when a leader could still lead while another one does already.
    """

    lease_s: float = 15.0
    """How long the others wait after they have seen the last renewal."""
    renew_deadline_s: float = 10.0
    """How long a leader tries to renew before it stops leading."""
    retry_s: float = 2.0

    def __post_init__(self) -> None:
        if not self.lease_s > self.renew_deadline_s > self.retry_s > 0:
            got = f"{self.lease_s:g}, {self.renew_deadline_s:g} and {self.retry_s:g}"
            raise ValueError(f"expected lease_s > renew_deadline_s > retry_s > 0, got {got}")


class LeaseRecord(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """``spec`` of a Lease. The times are written for people; nobody decides by another machine's clock."""

    holder_identity: str = ""
    lease_duration_seconds: int = 0
    acquire_time: str = ""
    renew_time: str = ""
    lease_transitions: int = 0


class Move(Enum):
    """What a candidate does about the lease that it has read."""

    TAKE = "take"  # nobody holds it, or its holder has not renewed it in time
    RENEW = "renew"  # it is ours
    WAIT = "wait"  # somebody else holds it


class Observation:
    """When this process has seen a lease change, by its own clock: so the clocks of machines may differ."""

    def __init__(self) -> None:
        self._version = ""
        self._record = LeaseRecord()
        self._seen_at_s = 0.0

    def see(self, lease: dict[str, Any], now_s: float) -> LeaseRecord:
        """The record of a lease that was just read."""
        version = lease["metadata"]["resourceVersion"]
        if version != self._version:
            self._version, self._seen_at_s = version, now_s
            self._record = record_of(lease)
        return self._record

    def move(self, identity: str, now_s: float) -> Move:
        """What a candidate of this name does now."""
        record = self._record
        if record.holder_identity == identity:
            return Move.RENEW
        lasts_s = record.lease_duration_seconds or _UNSAID_S
        is_free = not record.holder_identity or now_s >= self._seen_at_s + lasts_s
        return Move.TAKE if is_free else Move.WAIT


def record_of(lease: dict[str, Any]) -> LeaseRecord:
    """The record of a lease; an empty one where it holds something else."""
    try:
        return msgspec.convert(_without_nulls(lease.get("spec") or {}), LeaseRecord)
    except msgspec.ValidationError:
        return LeaseRecord()


def lease_object(name: str, namespace: str, record: LeaseRecord, *, version: str = "") -> dict[str, Any]:
    """The Lease that holds a record; with a ``version`` it replaces that one and no other."""
    metadata = {"name": name, "namespace": namespace, **({"resourceVersion": version} if version else {})}
    return {"apiVersion": API_VERSION, "kind": "Lease", "metadata": metadata, "spec": msgspec.to_builtins(record)}


def _without_nulls(spec: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in spec.items() if value is not None}
