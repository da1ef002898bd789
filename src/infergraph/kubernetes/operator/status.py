"""What a deployment's status says. Pure (SELDON_V1 §1.7)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from infergraph.declaration import SeldonDeployment
from infergraph.kubernetes.objects import names
from infergraph.kubernetes.operator.conditions import Said, conditions, timed
from infergraph.kubernetes.operator.kinds import ref_of
from infergraph.kubernetes.operator.plan import Find
from infergraph.kubernetes.operator.readiness import NO_PROGRESS, rollout
from infergraph.kubernetes.operator.store import Live
from infergraph.kubernetes.status import Address, Condition, DeploymentStatus, ServiceStatus, Status

AVAILABLE: Final = "Available"
CREATING: Final = "Creating"
FAILED: Final = "Failed"
_PATHS: Final[Mapping[str, str]] = {
    "tensorflow": "/v1/models/{unit}:predict",
    "v2": "/v2/models/{unit}/infer",
    "kfserving": "/v2/models/{unit}/infer",
}


def status_of(
    deployment: SeldonDeployment,
    desired: Sequence[dict[str, Any]],
    *,
    owned: Iterable[Live],
    find: Find,
    problems: Sequence[str] = (),
    waits: Sequence[str] = (),
) -> Status:
    """The status of a deployment that keeps the rules; times of conditions are left out (see ``written``)."""
    pods = [one for one in owned if one.data["kind"] == "Deployment"]
    said = list(conditions(desired, find))
    state, description = _state(pods, said, problems)
    return Status(
        state=state,
        description=description or "\n".join(waits),
        deployment_status=dict(_deployments(desired, pods)),
        service_status=dict(_services(desired)),
        replicas=_replicas(desired, find),
        address=_address(deployment, desired),
        conditions=tuple(_with_ready(said, problems)),
        observed_generation=deployment.metadata.generation,
    )


def failed(before: Status, description: str, generation: int | None) -> Status:
    """The status of a deployment that nothing can be made of: what runs goes on to run, and is told as it was."""
    others = [one for one in before.conditions if one.type != "Ready"]
    ready = Condition(type="Ready", status="False", reason="InternalError", message=description)
    return msgspec.structs.replace(
        before,
        state=FAILED,
        description=description,
        conditions=tuple(sorted([*others, ready], key=lambda one: one.type)),
        observed_generation=generation,
    )


def written(status: Status, before: Mapping[str, Any], now: str) -> dict[str, Any]:
    """A status as it is written: each condition with the time at which it became what it is."""
    found: dict[str, Any] = msgspec.to_builtins(status)
    found["conditions"] = timed(found.get("conditions", ()), before.get("conditions") or (), now)
    return {"replicas": 0, **found}


def status_patch(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The merge patch between two: what is gone is null. Empty where nothing has changed.

    An empty text is none, and must not be in it: older API servers take it for null, and then refuse it.
    """
    patch: dict[str, Any] = {key: None for key in before if key not in after and before[key] is not None}
    for key, value in after.items():
        was = before.get(key)
        if isinstance(value, Mapping) and isinstance(was, Mapping):
            if inner := status_patch(was, value):
                patch[key] = inner
        elif was != value and (was is not None or value not in ({}, [])):
            patch[key] = value
    return patch


def _state(pods: Iterable[Live], said: Iterable[Said], problems: Sequence[str]) -> tuple[str, str]:
    if problems:
        return FAILED, "\n".join(problems)
    if all(one.is_true for one in said):
        return AVAILABLE, ""
    if any(rollout(one.data).has_stalled for one in pods):
        return FAILED, NO_PROGRESS
    return CREATING, ""


def _with_ready(said: Sequence[Said], problems: Sequence[str]) -> Iterator[Condition]:
    first = next((one for one in said if not one.is_true), None)
    if problems:
        ready = Said("Ready", is_true=False, reason="InternalError", message="\n".join(problems))
    elif first is not None:
        ready = first._replace(type="Ready")
    else:
        ready = Said("Ready", is_true=True)
    for one in sorted([*said, ready]):
        yield Condition(type=one.type, status=str(one.is_true), reason=one.reason, message=one.message)


def _deployments(desired: Iterable[dict[str, Any]], pods: Iterable[Live]) -> Iterator[tuple[str, DeploymentStatus]]:
    """Those that there are to be, and those that are still there."""
    live = {one.data["metadata"]["name"]: one.data for one in pods}
    wanted = [one["metadata"]["name"] for one in desired if one["kind"] == "Deployment"]
    for name in sorted({*wanted, *live}):
        yield name, _deployment(live[name]) if name in live else DeploymentStatus(status=CREATING)


def _deployment(live: Mapping[str, Any]) -> DeploymentStatus:
    found, status = rollout(live), live.get("status") or {}
    lines = [one.get("message", "") for one in status.get("conditions") or () if _is_bad(one)]
    return DeploymentStatus(
        status=AVAILABLE if found.is_ready else FAILED if found.has_stalled else CREATING,
        description="\n".join(lines),
        replicas=found.total,
        available_replicas=found.available,
    )


def _is_bad(condition: Mapping[str, Any]) -> bool:
    return (condition["type"], condition["status"]) in (("Progressing", "False"), ("ReplicaFailure", "True"))


def _services(desired: Iterable[dict[str, Any]]) -> Iterator[tuple[str, ServiceStatus]]:
    for one in desired:
        if one["kind"] == "Service":
            name, ports = one["metadata"]["name"], _ports(one)
            host = f"{name}.{one['metadata']['namespace']}"
            yield (
                name,
                ServiceStatus(
                    svc_name=name, http_endpoint=f"{host}:{ports['http']}", grpc_endpoint=f"{host}:{ports['grpc']}"
                ),
            )


def _ports(service: Mapping[str, Any]) -> dict[str, int]:
    return {port["name"]: port["port"] for port in service["spec"]["ports"]}


def _replicas(desired: Iterable[dict[str, Any]], find: Find) -> int:
    """How many pods are asked for of the first component of the first predictor, by whoever decides about them."""
    first = next((one for one in desired if one["kind"] == "Deployment"), None)
    if first is None:
        return 0
    live = find(ref_of(first))
    return int((live.data if live else first)["spec"].get("replicas", 1))


def _address(deployment: SeldonDeployment, desired: Iterable[dict[str, Any]]) -> Address | None:
    first = deployment.spec.predictors[0]
    key = names.predictor_key(deployment.name, first.name, first.annotations)
    path = _PATHS.get(deployment.spec.protocol, "/api/v1.0/predictions").format(unit=first.graph.name)
    for one in desired:
        if one["kind"] == "Service" and one["metadata"]["name"] == key:
            host = f"{key}.{deployment.namespace}.svc.cluster.local:{_ports(one)['http']}"
            return Address(url=f"http://{host}{path}")
    return None
