"""Every object that we make is one that a real API server takes."""

import copy
from typing import Any

import pytest
from msgspec.structs import replace

from infergraph.declaration import read_manifests
from infergraph.kubernetes.objects import objects
from tests.cluster.api_server import ApiServer
from tests.kubernetes.rendering import MANIFESTS, NAMES, credentials_for, settings_for

NOT_INSTALLED = {"VirtualService", "DestinationRule", "Mapping", "TLSContext", "HTTPRoute", "GRPCRoute", "ScaledObject"}
"""Kinds of Istio, Ambassador, the Gateway API and KEDA, which this API server does not know."""


def rendered(server: ApiServer, name: str) -> list[dict[str, Any]]:
    """The objects of a manifest in the versions that the server has."""
    settings = replace(settings_for(name), apis=server.apis())
    (manifest,) = read_manifests([MANIFESTS / f"{name}.yaml"], servers=settings.known_servers)
    return objects(manifest.deployment, settings, credentials_for(name))


@pytest.mark.parametrize("name", NAMES)
def test_it_takes_every_object(server: ApiServer, name: str) -> None:
    for one in rendered(server, name):
        if not server.knows(one):
            assert one["kind"] in NOT_INSTALLED
            continue
        answer = server.apply(one, is_dry=True)
        assert answer.status in (200, 201), f"{one['kind']} {one['metadata']['name']}: {answer.message}"


@pytest.mark.parametrize("name", ["fused_graph", "roles", "pass_through", "hpa_v2beta1", "pdb", "separate_engine"])
def test_applying_again_changes_nothing(server: ApiServer, name: str) -> None:
    """An operator that looks again and again writes nothing where nothing has changed.

    But for autoscalers: old servers keep them as autoscaling/v1, and now and then write what they convert anew.
    """
    known = [one for one in rendered(server, name) if server.knows(one)]
    first = [server.apply(one, is_dry=False).data for one in known]
    again = [server.apply(one, is_dry=False).data for one in known]
    assert [_state(one) for one in again] == [_state(one) for one in first]


def _state(applied: dict[str, Any]) -> Any:
    return applied["spec"] if applied["kind"] == "HorizontalPodAutoscaler" else applied["metadata"]["resourceVersion"]


def test_what_it_reads_back_is_what_was_said(server: ApiServer) -> None:
    """Nothing is dropped: a field that it does not know would be missing."""
    for one in rendered(server, "pass_through"):
        applied = server.apply(one, is_dry=False).data
        assert _contains(applied["spec"], one["spec"]), one["kind"]


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(part, dict):
        return all(key in whole and _contains(whole[key], value) for key, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(_contains, whole, part))
    return bool(whole == part)


def test_two_ports_of_one_number_are_refused(server: ApiServer) -> None:
    """Why the engine's port has one name, and the first version's second name for it is not there."""
    deployment = copy.deepcopy(next(one for one in rendered(server, "plain") if one["kind"] == "Deployment"))
    ports = deployment["spec"]["template"]["spec"]["containers"][0]["ports"]
    ports.append({"name": "http", "containerPort": 8000, "protocol": "TCP"})
    assert "duplicate entries" in server.apply(deployment, is_dry=True).message


def test_a_change_of_fusion_is_a_rolling_update(server: ApiServer) -> None:
    """The selector of a Deployment cannot change; with another one it would be refused."""
    (manifest,) = read_manifests([MANIFESTS / "plain.yaml"])
    settings = settings_for("plain")
    for fuse in (True, False, True):
        for one in objects(manifest.deployment, replace(settings, fuse=fuse)):
            answer = server.apply(one, is_dry=False)
            assert answer.status in (200, 201), answer.message
