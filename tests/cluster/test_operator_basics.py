"""The operator against a real API server, without controllers: what they would report, the tests report."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.api_server import MERGE, ApiServer, wait_until
from tests.cluster.operators import operator
from tests.kubernetes.rendering import MANIFESTS
from tests.serving import Process

SDEPS = "/apis/machinelearning.seldon.io/v1/namespaces/{}/seldondeployments"


class World:
    """A namespace with an operator that looks after it."""

    def __init__(self, server: ApiServer, namespace: str, process: Process) -> None:
        self.server, self.namespace, self.process = server, namespace, process

    def declare(self, name: str, change: Callable[[Any], None] = lambda _: None, manifest: str = "plain") -> None:
        """Create or change a deployment."""
        one = yaml.safe_load((MANIFESTS / f"{manifest}.yaml").read_text())
        one["apiVersion"] = "machinelearning.seldon.io/v1"
        one["metadata"] = {"name": name, "namespace": self.namespace}
        change(one["spec"])
        answer = self.server.call(
            "PATCH", f"{self.sdep(name)}?fieldManager=user&force=true", one, content="application/apply-patch+yaml"
        )
        assert answer.status in (200, 201), answer.message

    def sdep(self, name: str) -> str:
        return f"{SDEPS.format(self.namespace)}/{name}"

    def status(self, name: str) -> Any:
        return self.server.call("GET", self.sdep(name)).data.get("status", {})

    def names(self, plural: str, api: str = "/api/v1") -> list[str]:
        found = self.server.call("GET", f"{api}/namespaces/{self.namespace}/{plural}").data["items"]
        return sorted(one["metadata"]["name"] for one in found)

    def deployments(self) -> list[str]:
        return self.names("deployments", "/apis/apps/v1")

    def deployment(self, name: str) -> Any:
        return self.server.call("GET", f"/apis/apps/v1/namespaces/{self.namespace}/deployments/{name}").data

    def roll_out(self, name: str, *, conditions: list[Any] | None = None) -> None:
        """Say what the controller would say once all pods are there."""
        live = self.deployment(name)
        count = live["spec"]["replicas"]
        status = {
            "observedGeneration": live["metadata"]["generation"],
            **dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), count),
            "conditions": conditions
            or [{"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "message": ""}],
        }
        path = f"/apis/apps/v1/namespaces/{self.namespace}/deployments/{name}/status"
        assert self.server.call("PATCH", path, {"status": status}, content=MERGE).status == 200

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        try:
            wait_until(is_so, what)
        except RuntimeError as error:
            raise AssertionError(f"{error}; the operator said {self.process.events[-6:]}") from None

    def until_state(self, name: str, state: str) -> Any:
        self.until(lambda: self.status(name).get("state") == state, f"{name} is {state}")
        return self.status(name)


@pytest.fixture
def world(server: ApiServer, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    namespace = request.node.name.replace("_", "-").replace("[", "-").replace("]", "").lower()[:60]
    assert server.call("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}}).status == 201
    with operator(server, tmp_path, "--namespace", namespace) as process:
        yield World(server, namespace, process)


def test_it_becomes_available(world: World) -> None:
    world.declare("iris")
    status = world.until_state("iris", "Creating")
    world.until(lambda: len(world.deployments()) == 1, "the Deployment is there")
    (name,) = world.deployments()
    owner = world.deployment(name)["metadata"]["ownerReferences"]
    assert [(one["kind"], one["name"], one["controller"]) for one in owner] == [("SeldonDeployment", "iris", True)]
    world.roll_out(name)
    status = world.until_state("iris", "Available")
    conditions = {one["type"]: one["status"] for one in status["conditions"]}
    assert set(conditions.values()) == {"True"}
    assert "Ready" in conditions
    assert status["deploymentStatus"][name]["availableReplicas"] == 1
    assert status["address"]["url"].endswith("/api/v1.0/predictions")


def test_nothing_is_written_when_nothing_changes(world: World, server: ApiServer, tmp_path: Path) -> None:
    world.declare("iris")
    world.until(lambda: len(world.deployments()) == 1, "the Deployment is there")
    (name,) = world.deployments()
    world.roll_out(name)
    world.until_state("iris", "Available")
    before = versions(world)
    assert world.process.stop() == 0
    with operator(server, tmp_path, "--namespace", world.namespace, "--log-level", "DEBUG") as again:
        world.declare("other")
        world.until(lambda: len(world.deployments()) == 2, "it works")
        assert not [one for one in again.events if one["event"] == "applied" and "iris" in one["name"]]
    assert {name: versions(world)[name] for name in before} == before


def versions(world: World) -> dict[str, str]:
    """The version of everything there is."""
    paths = (
        "/api/v1/{}/services",
        "/apis/apps/v1/{}/deployments",
        "/apis/machinelearning.seldon.io/v1/{}/seldondeployments",
    )
    found = {}
    for path in paths:
        for one in world.server.call("GET", path.format(f"namespaces/{world.namespace}")).data["items"]:
            found[f"{path} {one['metadata']['name']}"] = one["metadata"]["resourceVersion"]
    return found


def test_old_goes_when_new_is_ready(world: World) -> None:
    world.declare("iris")
    world.until(lambda: len(world.deployments()) == 1, "the Deployment is there")
    (old,) = world.deployments()
    world.roll_out(old)
    world.until_state("iris", "Available")

    def rename(spec: Any) -> None:
        spec["predictors"][0]["name"] = "second"

    world.declare("iris", rename)
    world.until(lambda: len(world.deployments()) == 2, "the second Deployment is there")
    world.until_state("iris", "Creating")
    assert old in world.deployments()
    assert "iris-default" in world.names("services")
    (new,) = set(world.deployments()) - {old}
    world.roll_out(new)
    world.until_state("iris", "Available")
    world.until(lambda: world.deployments() == [new], "the first Deployment is gone")
    world.until(lambda: not [one for one in world.names("services") if "default" in one], "its Services are gone")


def test_a_bad_manifest_fails_and_what_runs_is_left(world: World) -> None:
    world.declare("iris")
    world.until(lambda: len(world.deployments()) == 1, "the Deployment is there")
    (name,) = world.deployments()
    world.roll_out(name)
    world.until_state("iris", "Available")
    before = world.deployment(name)["metadata"]["resourceVersion"]

    def spoil(spec: Any) -> None:
        spec["predictors"].append(copy.deepcopy(spec["predictors"][0]))

    world.declare("iris", spoil)
    status = world.until_state("iris", "Failed")
    assert "Duplicate predictor name" in status["description"]
    assert world.deployment(name)["metadata"]["resourceVersion"] == before
    world.declare("iris")
    world.until_state("iris", "Available")


def test_what_is_changed_by_hand_is_put_back(world: World) -> None:
    world.declare("iris")
    world.until(lambda: len(world.deployments()) == 1, "the Deployment is there")
    (name,) = world.deployments()
    path = f"/apis/apps/v1/namespaces/{world.namespace}/deployments/{name}"
    patch = {"spec": {"template": {"metadata": {"labels": {"app": "other"}}}}}
    assert world.server.call("PATCH", path, patch, content=MERGE).status == 200
    world.until(
        lambda: world.deployment(name)["spec"]["template"]["metadata"]["labels"]["app"] == name, "it is put back"
    )
    world.server.call("DELETE", path)
    world.until(lambda: world.deployments() == [name], "it is made anew")


def test_another_ones_service_is_not_taken_over(world: World) -> None:
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "iris-default"},
        "spec": {"selector": {"app": "mine"}, "ports": [{"port": 80, "protocol": "TCP", "name": "http"}]},
    }
    path = f"/api/v1/namespaces/{world.namespace}/services"
    assert world.server.call("POST", path, service).status == 201
    world.declare("iris")
    status = world.until_state("iris", "Failed")
    assert "the Service iris-default is there already" in status["description"]
    assert world.server.call("GET", f"{path}/iris-default").data["spec"]["selector"] == {"app": "mine"}
    world.server.call("DELETE", f"{path}/iris-default")
    world.until(lambda: world.status("iris").get("state") == "Creating", "it goes on")


def test_scaled_to_zero_is_available(world: World) -> None:
    world.declare("iris", lambda spec: spec.update(replicas=0))
    world.until(lambda: len(world.deployments()) == 1, "the Deployment is there")
    (name,) = world.deployments()
    world.roll_out(name)
    world.until_state("iris", "Available")


def test_it_takes_over_what_the_first_version_made(world: World) -> None:
    """Its Deployments name the engine's port twice, to which an API server of 1.20 applies nothing."""
    world.declare("old")
    world.until(lambda: bool(world.deployments()), "there is a Deployment")
    (name,) = world.deployments()
    path = f"/apis/apps/v1/namespaces/{world.namespace}/deployments/{name}"
    again = {"op": "add", "path": "/spec/template/spec/containers/0/ports/-"}
    double = [{**again, "value": {"name": "again", "containerPort": 8000, "protocol": "TCP"}}]
    assert world.server.call("PATCH", path, double, content="application/json-patch+json").status == 200
    world.declare("old", lambda spec: spec["predictors"][0].update(replicas=3))

    def is_taken_over() -> bool:
        spec = world.deployment(name)["spec"]
        ports = [port["containerPort"] for port in spec["template"]["spec"]["containers"][0]["ports"]]
        return spec["replicas"] == 3 and len(ports) == len(set(ports))

    world.until(is_taken_over, "it is as it is declared")
