"""Which objects decide where requests go, and when they must not be touched yet."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from infergraph.kubernetes.objects.ambassador import ANNOTATION
from infergraph.kubernetes.objects.labels import APP
from infergraph.kubernetes.operator.kinds import Ref, ref_of

ROUTES: Final = frozenset({"VirtualService", "Mapping", "HTTPRoute", "GRPCRoute"})
Find = Callable[[Ref], Mapping[str, Any] | None]


def held(desired: Iterable[dict[str, Any]], find: Find, is_ready: Callable[[Ref], bool]) -> Iterator[Ref]:
    """The routes that would send requests where nobody is yet, while they go somewhere good now.

    ``find`` gives an object as it is, and ``is_ready`` says whether a Deployment is. Where there is no route yet there
    is nothing to keep, and where a predictor has its share already it may get another one, be it ready or not.
    """
    desired = list(desired)
    wanted = {ref_of(one): one for one in desired}
    unready = {key for key, ref in _deployments_by_key(desired) if not is_ready(ref)}
    for ref, one in wanted.items():
        if not unready or not _is_route(one, wanted):
            continue
        now = list(_as_they_are(ref, one, wanted, find))
        if now and _named(unready, _text(one, wanted.get)) - _named(unready, " ".join(_text(it, find) for it in now)):
            yield ref


def _as_they_are(ref: Ref, one: dict[str, Any], wanted: Iterable[Ref], find: Find) -> Iterator[Mapping[str, Any]]:
    """The route; where each predictor has one of its own, all of them: one more takes from the others."""
    shares_a_path = one["kind"] == "Mapping" or ANNOTATION in one["metadata"].get("annotations", {})
    for other in wanted if shares_a_path else (ref,):
        live = find(other) if other.kind == ref.kind else None
        if live is not None:
            yield live


def _deployments_by_key(desired: Iterable[dict[str, Any]]) -> Iterator[tuple[str, Ref]]:
    for one in desired:
        if one["kind"] == "Deployment":
            labels = one["spec"]["template"]["metadata"]["labels"]
            if APP in labels:
                yield labels[APP], ref_of(one)


def _is_route(one: dict[str, Any], wanted: Mapping[Ref, Any]) -> bool:
    ref = ref_of(one)
    match ref.kind:
        case "Service":
            chosen = one["spec"].get("selector", {}).get(APP, ref.name)
            is_gateway = chosen != ref.name or ref._replace(kind="Deployment") in wanted
            return is_gateway or ANNOTATION in one["metadata"].get("annotations", {})
        case "Deployment":
            return ref._replace(kind="Service") in wanted
    return ref.kind in ROUTES


def _text(one: Mapping[str, Any], find: Find) -> str:
    """Everything that a route says of where requests go; of a Service, also what the gateway behind it says."""
    config = one["metadata"].get("annotations", {}).get(ANNOTATION, "")
    text = f"{msgspec.json.encode(one['spec']).decode()} {config}"
    if one["kind"] == "Service":
        ref = ref_of(dict(one))
        behind = find(Ref("Deployment", ref.namespace, one["spec"].get("selector", {}).get(APP, "")))
        text += _text(behind, find) if behind is not None else ""
    return text


def _named(keys: Iterable[str], text: str) -> set[str]:
    return {key for key in keys if re.search(rf"(?<![a-z0-9-]){re.escape(key)}(?![a-z0-9-])", text)}
