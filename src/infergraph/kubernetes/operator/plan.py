"""What is to be done so that a cluster is as a deployment says. Pure: the same state gives the same plan."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from infergraph.kubernetes.objects.labels import ID
from infergraph.kubernetes.operator import owners
from infergraph.kubernetes.operator.fingerprint import contains, stamp
from infergraph.kubernetes.operator.kinds import Ref, ref_of
from infergraph.kubernetes.operator.readiness import rollout
from infergraph.kubernetes.operator.routes import held
from infergraph.kubernetes.operator.stale import prunable
from infergraph.kubernetes.operator.store import Live

Find = Callable[[Ref], Live | None]

_WAITS: Final = "waits until"
_ANOTHER_NAME: Final = "delete it, or choose another name of deployment, predictor or container"


class Mark(Struct, frozen=True):
    """What an object of ours looked like when we last knew that it was as it is to be."""

    uid: str
    fields: str


class Change(Struct, frozen=True, kw_only=True):
    """An object to be applied; one ``is_new`` where nothing of that name is there."""

    desired: dict[str, Any]
    is_new: bool

    @property
    def ref(self) -> Ref:
        return ref_of(self.desired)


class Plan(Struct, frozen=True, kw_only=True):
    """What to do, in this order; then the world is looked at again."""

    apply: tuple[Change, ...] = ()
    delete: tuple[Ref, ...] = ()
    held: tuple[Ref, ...] = ()
    """Routes that change later, when what they lead to is ready."""
    problems: tuple[str, ...] = ()
    """Why something cannot be done until somebody changes something."""
    waits: tuple[str, ...] = ()
    """What will pass by itself."""


def plan(
    owner: Mapping[str, Any],
    desired: Sequence[dict[str, Any]],
    *,
    owned: Iterable[Live],
    find: Find,
    marks: Mapping[Ref, Mark],
) -> Plan:
    """From what is wanted, stamped and in the order in which it is applied, to what has to be done.

    ``owned`` are the objects that have a deployment of this name as owner, ``find`` looks up any object, and ``marks``
    tells how ours were when they were right.
    """
    refs = [ref_of(one) for one in desired]
    foreign = {ref: said for ref, one in zip(refs, desired, strict=True) if (said := _not_ours(one, find(ref), owner))}
    anew = [ref for ref, one in zip(refs, desired, strict=True) if ref not in foreign and _is_other(find(ref), one)]
    kept_back = set(held(desired, lambda ref: _data(find(ref)), _readiness(desired, find)))
    scaled = {ref.name for ref in refs if ref.kind in ("HorizontalPodAutoscaler", "ScaledObject")}
    changes = [
        _change(one, find(ref), scaled)
        for ref, one in zip(refs, desired, strict=True)
        if ref not in foreign and ref not in anew and _differs(one, find(ref), marks.get(ref))
    ]
    now = [change for change in changes if change.ref not in kept_back]
    stale = [one for one in owned if ref_of(one.data) not in set(refs) and _belongs(one.data, owner)]
    is_settled = not (foreign or anew or changes) and is_ready(desired, find)
    return Plan(
        apply=tuple(now),
        delete=(*anew, *prunable(stale, refs, is_settled=is_settled)),
        held=tuple(change.ref for change in changes if change.ref in kept_back),
        problems=tuple(said for said in foreign.values() if not said.startswith(_WAITS)),
        waits=tuple(said for said in foreign.values() if said.startswith(_WAITS)),
    )


def is_ready(desired: Iterable[dict[str, Any]], find: Find) -> bool:
    """Whether every Deployment is as it is to be, with all of its pods."""
    desired = list(desired)
    readiness = _readiness(desired, find)
    return all(readiness(ref_of(one)) for one in desired if one["kind"] == "Deployment")


def _readiness(desired: Iterable[dict[str, Any]], find: Find) -> Callable[[Ref], bool]:
    stamps = {ref_of(one): stamp(one) for one in desired}

    def readiness(ref: Ref) -> bool:
        live = find(ref)
        return live is not None and stamp(live.data) == stamps[ref] and rollout(live.data).is_ready

    return readiness


def _differs(desired: dict[str, Any], live: Live | None, mark: Mark | None) -> bool:
    if live is None or stamp(live.data) != stamp(desired):
        return True
    if mark is not None and mark.uid == live.uid:
        return mark.fields != live.fields
    return not contains(live.data, desired)  # an operator that has just started has no marks yet


def _change(desired: dict[str, Any], live: Live | None, scaled: set[str]) -> Change:
    if live is None:
        return Change(desired=desired, is_new=True)
    is_scaled = desired["kind"] == "Deployment" and desired["metadata"]["name"] in scaled
    if is_scaled and live.has_our_replicas and "replicas" not in desired["spec"]:
        # Whoever applies without a field that was his own takes it away: all pods but one would go before the
        # autoscaler that is to decide about their number has said a word.
        desired = {**desired, "spec": {**desired["spec"], "replicas": live.data["spec"]["replicas"]}}
    return Change(desired=desired, is_new=False)


def _is_other(live: Live | None, desired: dict[str, Any]) -> bool:
    """Whether an object differs in what cannot be changed, and has to be made anew."""
    if live is None:
        return False
    was, wanted = live.data["spec"], desired["spec"]
    match desired["kind"]:
        case "Deployment":
            return bool(was.get("selector") != wanted["selector"])
        case "Service":
            return bool((was.get("clusterIP") == "None") != (wanted.get("clusterIP") == "None"))
    return False


def _not_ours(desired: dict[str, Any], live: Live | None, owner: Mapping[str, Any]) -> str:
    """Why an object of that name is none of ours; empty where it is, or where there is none."""
    if live is None or _belongs(live.data, owner):
        return ""
    other, ref = owners.controller_of(live.data), ref_of(desired)
    if owners.owner_name(live.data) == owner["metadata"]["name"]:
        return f"{_WAITS} the {ref.kind} {ref.name} of the deployment that had this name before is gone"
    if other is not None:
        return f"the {ref.kind} {ref.name} belongs to the {other['kind']} {other['name']}: {_ANOTHER_NAME}"
    if live.data["metadata"].get("labels", {}).get(ID) == desired["metadata"].get("labels", {}).get(ID):
        return ""  # rendered and applied by somebody, perhaps: the operator takes over
    return f"the {ref.kind} {ref.name} is there already, and was not made for this deployment: {_ANOTHER_NAME}"


def _belongs(data: Mapping[str, Any], owner: Mapping[str, Any]) -> bool:
    reference = owners.controller_of(data)
    return reference is not None and bool(reference["uid"] == owner["metadata"]["uid"])


def _data(live: Live | None) -> Mapping[str, Any] | None:
    return None if live is None else live.data
