"""Our definition of the custom resource in a real API server."""

import copy
from typing import Any

import pytest
import yaml

from infergraph.kubernetes.crd import definition
from tests.cluster.api_server import MERGE, ApiServer
from tests.kubernetes.rendering import MANIFESTS, NAMES

ROOT = "/apis/machinelearning.seldon.io"


def manifest(name: str) -> Any:
    return yaml.safe_load((MANIFESTS / f"{name}.yaml").read_text())


def create(server: ApiServer, one: Any, *, version: str = "v1", is_dry: bool = True) -> Any:
    found = {**one, "apiVersion": f"machinelearning.seldon.io/{version}"}
    path = f"{ROOT}/{version}/namespaces/models/seldondeployments{'?dryRun=All' if is_dry else ''}"
    return server.call("POST", path, found)


def test_it_is_structural_and_established(server: ApiServer) -> None:
    name = definition()["metadata"]["name"]
    found = server.call("GET", f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}").data
    conditions = {one["type"]: one["status"] for one in found["status"]["conditions"]}
    assert conditions == {"NamesAccepted": "True", "Established": "True"}


@pytest.mark.parametrize("name", NAMES)
def test_it_takes_our_manifests(server: ApiServer, name: str) -> None:
    answer = create(server, manifest(name))
    assert answer.status == 201, answer.message


@pytest.mark.parametrize("version", ["v1", "v1alpha2", "v1alpha3"])
def test_it_serves_three_versions(server: ApiServer, version: str) -> None:
    assert create(server, manifest("pod_name"), version=version).status == 201


def deep(levels: int) -> Any:
    whole = copy.deepcopy(manifest("plain"))
    unit = whole["spec"]["predictors"][0]["graph"]
    for level in range(levels):
        unit["children"] = [{"name": f"child{level}"}]
        unit = unit["children"][0]
    return whole


def test_ten_levels_of_children_and_no_more(server: ApiServer) -> None:
    assert create(server, deep(10)).status == 201
    refused = create(server, deep(11))
    assert refused.status == 422
    assert "should have at most 0 items" in refused.message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"predictors": None}, "spec.predictors: Required value"),
        ({"predictors": "x"}, "spec.predictors in body must be of type array"),
        ({"replicas": "x"}, "spec.replicas in body must be of type integer"),
        ({"annotations": {"a": 1}}, "spec.annotations.a in body must be of type string"),
    ],
)
def test_what_is_of_another_type_is_refused(server: ApiServer, change: Any, said: str) -> None:
    whole = manifest("plain")
    whole["spec"] |= change
    refused = create(server, whole)
    assert refused.status == 422
    assert said in refused.message


def test_nothing_is_pruned(server: ApiServer) -> None:
    """A mistyped field reaches those who can say what it was meant to be."""
    whole = manifest("plain")
    whole["spec"]["predictors"][0]["graf"] = {"a": 1}
    assert create(server, whole).data["spec"]["predictors"][0]["graf"] == {"a": 1}


def test_scale_status_and_columns(server: ApiServer) -> None:
    assert create(server, manifest("plain"), is_dry=False).status == 201
    path = f"{ROOT}/v1/namespaces/models/seldondeployments/plain"
    status: dict[str, Any] = {
        "state": "Available",
        "replicas": 3,
        "conditions": [{"type": "Ready", "status": "True"}],
        "address": {"url": "http://plain-default.models.svc.cluster.local:8000/api/v1.0/predictions"},
    }
    assert server.call("PATCH", f"{path}/status", {"status": status}, content=MERGE).data["status"] == status
    assert server.call("PATCH", f"{path}/scale", {"spec": {"replicas": 3}}, content=MERGE).data["status"] == {
        "replicas": 3
    }
    assert server.call("GET", path).data["spec"]["replicas"] == 3
    table = server.call("GET", path, accept="application/json;as=Table;v=v1;g=meta.k8s.io").data
    assert [column["name"] for column in table["columnDefinitions"]][1:-1] == ["State", "Replicas", "Ready", "URL"]
    assert table["rows"][0]["cells"][:-1] == ["plain", "Available", 3, "True", status["address"]["url"]]
