"""What the operator watches depends on the settings."""

import pytest

from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.objects.settings import Ambassador, AmbassadorVersion, GatewayApi, Istio, Keda
from infergraph.kubernetes.operator.kinds import owned_kinds
from tests.kubernetes.rendering import NAMES, made, settings_for


def kinds(settings: Settings) -> set[str]:
    return {kind.name for kind in owned_kinds(settings)}


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_is_made_is_watched(name: str) -> None:
    known = {
        (kind.name, f"{kind.group}/{version}".removeprefix("/"))
        for kind in owned_kinds(settings_for(name))
        for version in kind.versions
    }
    assert {(one["kind"], one["apiVersion"]) for one in made(name).all} <= known


def test_what_is_not_installed_is_not_asked_for() -> None:
    assert kinds(Settings()) == {"Service", "Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget"}
    assert "Mapping" not in kinds(Settings(ambassador=Ambassador(enabled=True, version=AmbassadorVersion.V1)))
    assert "GRPCRoute" not in kinds(Settings(gateway_api=GatewayApi(enabled=True, grpc=False)))
    assert {"ScaledObject", "VirtualService"} <= kinds(Settings(keda=Keda(enabled=True), istio=Istio(enabled=True)))
