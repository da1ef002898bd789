"""The operator with the real controllers: what is declared, changed and deleted is so in the end, and on the way."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.control_plane import ControlPlane
from tests.cluster.declared import Manifest, Namespace, manifest, predictor, until
from tests.cluster.history import Happened, History
from tests.cluster.hollow_node import HollowNode
from tests.cluster.operators import operator

HPA = {"maxReplicas": 4, "metrics": [{"type": "Resource", "resource": {"name": "cpu", "targetAverageUtilization": 70}}]}


@pytest.fixture(autouse=True)
def works(plane: ControlPlane, namespace: Namespace, tmp_path: Path) -> Iterator[None]:
    """An operator looks after the namespace."""
    with operator(plane.api, tmp_path, "--namespace", namespace.name, token="operator"):
        yield


def replicas(namespace: Namespace) -> list[int]:
    """How many pods are available of each Deployment."""
    return [one["status"].get("availableReplicas", 0) for one in namespace.live("Deployment").values()]


def test_created(namespace: Namespace) -> None:
    iris = manifest("iris")
    namespace.declare(iris)
    namespace.until_right(iris)
    assert replicas(namespace) == [1]


def test_it_is_not_available_before_its_pods_are(namespace: Namespace, node: HollowNode) -> None:
    node.holds = lambda _: True
    namespace.declare(manifest("iris"))
    until(lambda: namespace.status("iris").get("state") == "Creating", lambda: "it is Creating")
    until(lambda: len(namespace.live("Deployment")) == 1, lambda: "the Deployment is there")
    assert namespace.status("iris")["state"] == "Creating"
    node.holds = lambda _: False
    namespace.until_available()


def test_scaled_as_kubectl_does(namespace: Namespace) -> None:
    namespace.declare(manifest("iris"))
    namespace.until_available()
    for count in (3, 0, 2):
        namespace.scale("iris", count)
        namespace.until_right(manifest("iris", replicas=count))
        assert replicas(namespace) == [count]


def test_scaled_by_a_predictors_replicas(namespace: Namespace) -> None:
    for count in (1, 3, 2):
        iris = manifest("iris", predictor(replicas=count))
        namespace.declare(iris)
        namespace.until_right(iris)
        assert replicas(namespace) == [count]


def test_canary_and_its_promotion(namespace: Namespace) -> None:
    old, new = predictor("old"), predictor("new", image="2.0")
    for predictors in (
        [old],
        [{**old, "traffic": 75}, {**new, "traffic": 25}],
        [{**old, "traffic": 0}, {**new, "traffic": 100}],
        [new],
    ):
        iris = manifest("iris", *predictors)
        namespace.declare(iris)
        namespace.until_right(iris)


def test_a_new_image_is_a_rolling_update(namespace: Namespace) -> None:
    iris = manifest("iris", predictor(replicas=2))
    namespace.declare(iris)
    namespace.until_right(iris)
    endpoints = History(namespace.api, f"/api/v1/namespaces/{namespace.name}/endpoints")
    iris = manifest("iris", predictor(replicas=2, image="2.0"))
    namespace.declare(iris)
    namespace.until_right(iris)
    assert_never_empty(endpoints, "iris-default")


@pytest.mark.parametrize("field", ["container", "name"])
def test_the_old_goes_after_the_new_is_there(namespace: Namespace, node: HollowNode, field: str) -> None:
    """Another name of container or predictor is another Deployment. The new one comes slowly."""
    namespace.declare(manifest("iris"))
    namespace.until_right(manifest("iris"))
    (old,) = namespace.live("Deployment")
    deployments = History(namespace.api, f"/apis/apps/v1/namespaces/{namespace.name}/deployments")
    endpoints = History(namespace.api, f"/api/v1/namespaces/{namespace.name}/endpoints")
    node.holds = lambda pod: not pod["metadata"]["name"].startswith(old)
    iris = manifest("iris", predictor(**{field: "renamed"}))
    namespace.declare(iris)
    until(lambda: len(namespace.live("Deployment")) == 2, lambda: "the new one is there beside the old one")
    until(lambda: namespace.status("iris").get("state") == "Creating", lambda: "it is Creating")
    assert old in namespace.live("Deployment")
    node.holds = lambda _: False
    namespace.until_right(iris)
    assert_old_outlives(deployments.read(), old)
    if field == "container":  # another predictor has another Service
        assert_never_empty(endpoints, "iris-default")


def assert_old_outlives(events: list[Happened], old: str) -> None:
    """It is deleted after another one was available."""
    when = next(number for number, one in enumerate(events) if one.name == old and is_going(one))
    before = [one for one in events[:when] if one.name != old]
    assert any(one.data["status"].get("availableReplicas") for one in before)


def is_going(one: Happened) -> bool:
    return one.what == "DELETED" or "deletionTimestamp" in one.data["metadata"]


def assert_never_empty(events: History, service: str) -> None:
    """At no time nobody was there who answers."""
    found = [one.data.get("subsets") or [] for one in events.read() if one.name == service]
    assert found
    assert all(any(it.get("addresses") for it in subsets) for subsets in found), found


def test_hpa_and_pdb_go_when_they_are_not_declared(namespace: Namespace) -> None:
    scaled = predictor(replicas=2)
    scaled["componentSpecs"][0] |= {"hpaSpec": HPA, "pdbSpec": {"maxUnavailable": 1}}
    iris = manifest("iris", scaled)
    namespace.declare(iris)
    namespace.until_right(iris)
    assert {kind for kind, _ in namespace.names()} >= {"HorizontalPodAutoscaler", "PodDisruptionBudget"}
    without = manifest("iris", predictor(replicas=2))
    namespace.declare(without)
    namespace.until_right(without)
    assert {kind for kind, _ in namespace.names()} == {"Service", "Deployment"}
    assert replicas(namespace) == [2]


def test_fused_and_apart_and_back(namespace: Namespace) -> None:
    graph = {"name": "one", "implementation": "SKLEARN_SERVER", "modelUri": "gs://models/iris"}
    child = {**graph, "name": "two"}
    for fuse in ("true", "false", "true"):
        one = {"name": "default", "graph": {**graph, "children": [child]}}
        iris = manifest("iris", one, annotations={"infergraph.io/fuse": fuse})
        namespace.declare(iris)
        namespace.until_right(iris)


def test_deleted_with_all_that_belongs_to_it(namespace: Namespace) -> None:
    iris, other = manifest("iris"), manifest("other")
    for one in (iris, other):
        namespace.declare(one)
    namespace.until_right(iris, other)
    namespace.delete("iris")
    until(lambda: not namespace.wrong(other), lambda: "; ".join(namespace.wrong(other)))
    namespace.declare(iris)
    namespace.until_right(iris, other)


def test_deleted_and_declared_at_once(namespace: Namespace) -> None:
    """Under the same name, while what belonged to the one before is still there."""
    iris = manifest("iris")
    for _ in range(3):
        namespace.declare(iris)
        namespace.until_available()
        namespace.delete("iris")
        namespace.declare(iris)
    namespace.until_right(iris)
    (uid,) = {namespace.api.call("GET", namespace.path("iris")).data["metadata"]["uid"]}
    for kind in ("Service", "Deployment"):
        owners = [one["metadata"]["ownerReferences"] for one in namespace.live(kind).values()]
        assert [[it["uid"] for it in one] for one in owners] == [[uid]] * len(owners)


def test_a_bad_manifest_fails_as_validate_says(namespace: Namespace, tmp_path: Path) -> None:
    iris = manifest("iris")
    namespace.declare(iris)
    namespace.until_right(iris)
    deployments = History(namespace.api, f"/apis/apps/v1/namespaces/{namespace.name}/deployments")
    bad = manifest("iris", predictor(), predictor())
    namespace.declare(bad)
    until(lambda: namespace.status("iris").get("state") == "Failed", lambda: str(namespace.status("iris")))
    for sentence in namespace.status("iris")["description"].splitlines():
        assert sentence in validated(bad, tmp_path)
    ready = {one["type"]: one for one in namespace.status("iris")["conditions"]}["Ready"]
    assert ready["status"] == "False"
    assert not namespace.wrong(iris)
    assert not deployments.read()
    namespace.declare(iris)
    namespace.until_right(iris)


def validated(one: Manifest, tmp_path: Path) -> str:
    """What `infergraph validate` prints."""
    file = tmp_path / "bad.yaml"
    file.write_text(yaml.safe_dump(one))
    command = [sys.executable, "-m", "infergraph", "validate", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    return done.stdout + done.stderr


def test_nothing_is_written_when_nothing_changes(namespace: Namespace, plane: ControlPlane, tmp_path: Path) -> None:
    """Not by an operator that has been there, nor by one that comes."""
    iris = manifest("iris")
    namespace.declare(iris)
    namespace.until_right(iris)
    everything = [History(namespace.api, path) for path in paths(namespace)]
    with operator(plane.api, tmp_path, "--namespace", namespace.name, token="operator"):
        other = manifest("other")
        namespace.declare(other)
        namespace.until_right(iris, other)
    changed = [one.name for found in everything for one in found.read() if one.name.startswith("iris")]
    assert not changed


def paths(namespace: Namespace) -> Iterator[Any]:
    yield namespace.path()
    yield f"/apis/apps/v1/namespaces/{namespace.name}/deployments"
    yield f"/api/v1/namespaces/{namespace.name}/services"
