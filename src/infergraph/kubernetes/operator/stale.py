"""What is not wanted any more, and when it may go: old things go after new ones are there, and from outside inwards."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from infergraph.kubernetes.objects.labels import HAS_ENGINE
from infergraph.kubernetes.operator.kinds import Ref, ref_of
from infergraph.kubernetes.operator.routes import ROUTES
from infergraph.kubernetes.operator.store import Live

_SCALERS: Final = frozenset({"HorizontalPodAutoscaler", "ScaledObject", "PodDisruptionBudget"})


def prunable(stale: Sequence[Live], wanted: Iterable[Ref], *, is_settled: bool) -> list[Ref]:
    """What of the unwanted objects may be deleted now (SELDON_V1 §2.9).

    What counts or limits the pods of a Deployment that stays goes at once. Everything else goes when the deployment
    ``is_settled``, all that is wanted being there and ready: first the routes, then the Deployments that take requests,
    then those behind them, and at last what led to them.
    """
    staying = {ref.name for ref in wanted if ref.kind == "Deployment"}
    at_once = [one for one in stale if _kind(one) in _SCALERS and ref_of(one.data).name in staying]
    rest = [one for one in stale if one not in at_once]
    return [ref_of(one.data) for one in [*at_once, *(_next(rest) if is_settled else ())]]


def _next(stale: Sequence[Live]) -> Sequence[Live]:
    routes = [one for one in stale if _kind(one) in ROUTES]
    pods = [one for one in stale if _kind(one) == "Deployment"]
    engines = [one for one in pods if one.data["metadata"].get("labels", {}).get(HAS_ENGINE)]
    return routes or _with_scalers(engines or pods, stale) or stale


def _with_scalers(pods: Sequence[Live], stale: Sequence[Live]) -> list[Live]:
    names = {_name(one.data) for one in pods}
    return [*(one for one in stale if _kind(one) in _SCALERS and _name(one.data) in names), *pods]


def _kind(one: Live) -> str:
    return str(one.data["kind"])


def _name(data: dict[str, Any]) -> str:
    return str(data["metadata"]["name"])
