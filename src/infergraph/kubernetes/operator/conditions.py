"""The conditions of a deployment, in the words of the first version (SELDON_V1 §1.7)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from infergraph.kubernetes.operator.fingerprint import stamp
from infergraph.kubernetes.operator.kinds import ref_of
from infergraph.kubernetes.operator.plan import Find
from infergraph.kubernetes.operator.readiness import rollout


class Said(NamedTuple):
    """One condition, without its time."""

    type: str
    is_true: bool
    reason: str = ""
    message: str = ""


class _Group(NamedTuple):
    """Kinds that one condition is about: its words for none, for all being there, and for one that is missing."""

    kinds: tuple[str, ...]
    none: str
    every: str
    missing: str


_GROUPS: Final[Mapping[str, _Group]] = {
    "ServicesReady": _Group(("Service",), "All services created", "All services created", "Not all services created"),
    "HpasReady": _Group(("HorizontalPodAutoscaler",), "No HPAs defined", "All HPAs resources ready", "HPAs not ready"),
    "KedaReady": _Group(
        ("ScaledObject",), "No KEDA resources defined", "All KEDA resources ready", "KEDA resources not ready"
    ),
    "PdbsReady": _Group(("PodDisruptionBudget",), "No PDBs defined", "All PDBs resources ready", "PDBs not ready"),
    "istioVirtualServicesReady": _Group(
        ("VirtualService", "DestinationRule"),
        "No VirtualServices defined",
        "All VirtualServices created",
        "Not all VirtualServices created",
    ),
    "AmbassadorMappingsReady": _Group(
        ("Mapping", "TLSContext"),
        "No Ambassador Mappaings defined",  # so it is spelled, and so others look for it
        "All Ambassador Mappings created",
        "Not all Ambassador Mappings created",
    ),
    "GatewayRoutesReady": _Group(
        ("HTTPRoute", "GRPCRoute"),
        "No gateway routes defined",
        "All gateway routes created",
        "Not all gateway routes created",
    ),
}


def conditions(desired: Sequence[dict[str, Any]], find: Find) -> Iterator[Said]:
    """What is true of a deployment, but for whether it is ready."""
    yield _deployments(desired, find)
    for type_, group in _GROUPS.items():
        yield _of_group(type_, group, [one for one in desired if one["kind"] in group.kinds], find)


def timed(found: Iterable[Mapping[str, Any]], before: Iterable[Mapping[str, Any]], now: str) -> list[dict[str, Any]]:
    """Conditions with the time of their last change of status."""
    was = {one["type"]: one for one in before}
    return [{**one, "lastTransitionTime": _since(one, was.get(one["type"]), now)} for one in found]


def _since(one: Mapping[str, Any], before: Mapping[str, Any] | None, now: str) -> str:
    is_as_before = before is not None and before["status"] == one["status"]
    return str(before.get("lastTransitionTime") or now) if before is not None and is_as_before else now


def _of_group(type_: str, group: _Group, wanted: Sequence[dict[str, Any]], find: Find) -> Said:
    if not wanted:
        return Said(type_, is_true=True, reason=group.none)
    missing = [one["metadata"]["name"] for one in wanted if not _is_there(one, find)]
    if missing:
        return Said(type_, is_true=False, reason=group.missing, message=f"not as declared yet: {', '.join(missing)}")
    return Said(type_, is_true=True, reason=group.every)


def _deployments(desired: Iterable[dict[str, Any]], find: Find) -> Said:
    """In the words of the first Deployment that is not ready, else of the first."""
    wanted = [one for one in desired if one["kind"] == "Deployment"]
    worst = next((one for one in wanted if not (_is_there(one, find) and _is_rolled_out(one, find))), None)
    if worst is None:
        return Said("DeploymentsReady", is_true=True, reason=_reason(wanted[0], find)[0] if wanted else "")
    reason, message = _reason(worst, find)
    return Said("DeploymentsReady", is_true=False, reason=reason, message=f"{worst['metadata']['name']}: {message}")


def _reason(one: dict[str, Any], find: Find) -> tuple[str, str]:
    live = find(ref_of(one))
    if live is None:
        return "Creating", "it is not there yet"
    found = rollout(live.data)
    said = {it["type"]: it for it in (live.data.get("status") or {}).get("conditions") or ()}
    progressing, available = said.get("Progressing", {}), said.get("Available", {})
    if progressing.get("status") == "False":
        return progressing.get("reason", ""), progressing.get("message", "")
    message = f"{found.available} of {found.wanted} pods are available, {found.updated} are up to date"
    return available.get("reason", "") or "Creating", message


def _is_there(one: dict[str, Any], find: Find) -> bool:
    live = find(ref_of(one))
    return live is not None and stamp(live.data) == stamp(one)


def _is_rolled_out(one: dict[str, Any], find: Find) -> bool:
    live = find(ref_of(one))
    return live is not None and rollout(live.data).is_ready
