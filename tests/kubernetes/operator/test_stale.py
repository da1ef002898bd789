"""In which order things go that are not wanted any more."""

from typing import Any

from infergraph.kubernetes.objects.labels import HAS_ENGINE
from infergraph.kubernetes.operator.kinds import Ref
from infergraph.kubernetes.operator.stale import prunable
from infergraph.kubernetes.operator.store import Live


def live(kind: str, name: str, **labels: str) -> Live:
    metadata: dict[str, Any] = {"name": name, "namespace": "models", "labels": labels}
    return Live({"kind": kind, "metadata": metadata})


ENGINE = live("Deployment", "engine", **{HAS_ENGINE: "true"})
UNIT = live("Deployment", "unit")
SCALER = live("HorizontalPodAutoscaler", "unit")
SERVICE = live("Service", "unit")
RULE = live("DestinationRule", "unit")
ROUTE = live("VirtualService", "iris")
ALL = [SERVICE, RULE, SCALER, UNIT, ENGINE, ROUTE]


def names(found: list[Ref]) -> list[tuple[str, str]]:
    return [(ref.kind, ref.name) for ref in found]


def test_from_outside_inwards() -> None:
    left, order = list(ALL), []
    while left:
        gone = names(prunable(left, [], is_settled=True))
        order.append(gone)
        left = [one for one in left if (one.data["kind"], one.data["metadata"]["name"]) not in gone]
    assert order == [
        [("VirtualService", "iris")],
        [("Deployment", "engine")],
        [("HorizontalPodAutoscaler", "unit"), ("Deployment", "unit")],
        [("Service", "unit"), ("DestinationRule", "unit")],
    ]


def test_nothing_goes_before_all_is_settled() -> None:
    assert prunable(ALL, [], is_settled=False) == []


def test_what_scales_a_deployment_that_stays_goes_at_once() -> None:
    staying = [Ref("Deployment", "models", "unit")]
    assert names(prunable([SCALER, SERVICE], staying, is_settled=False)) == [("HorizontalPodAutoscaler", "unit")]
