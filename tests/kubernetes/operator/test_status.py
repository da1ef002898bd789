"""What the status says."""

from typing import Any

import pytest

from infergraph.kubernetes.operator.status import failed, status_of, status_patch, written
from infergraph.kubernetes.status import Status
from tests.kubernetes.operator.simulation import Simulation

NOW = "2026-01-02T03:04:05Z"


def status(world: Simulation, **said: Any) -> Status:
    owned = world.store.owned("models", "iris")
    return status_of(world.deployment, world.desired, owned=owned, find=world.store.get, **said)


def conditions(found: Status) -> dict[str, str]:
    return {one.type: one.status for one in found.conditions}


def test_it_is_available_when_everything_is_there() -> None:
    world = Simulation()
    world.settle()
    found = status(world)
    assert (found.state, found.description, found.replicas, found.observed_generation) == ("Available", "", 1, 7)
    assert set(conditions(found).values()) == {"True"}
    assert {one.type: one.reason for one in found.conditions}["HpasReady"] == "No HPAs defined"
    (name,) = world.names("Deployment")
    one = found.deployment_status[name]
    assert (one.status, one.replicas, one.available_replicas) == ("Available", 1, 1)


def test_endpoints_and_address() -> None:
    world = Simulation()
    found = status(world)
    assert found.service_status["iris-default"].http_endpoint == "iris-default.models:8000"
    assert found.service_status["iris-default"].grpc_endpoint == "iris-default.models:5001"
    assert found.address is not None
    assert found.address.url == "http://iris-default.models.svc.cluster.local:8000/api/v1.0/predictions"


@pytest.mark.parametrize(
    ("protocol", "path"),
    [
        ("tensorflow", "/v1/models/classifier:predict"),
        ("seldon", "/api/v1.0/predictions"),
        ("v2", "/v2/models/classifier/infer"),
        ("kfserving", "/v2/models/classifier/infer"),
    ],
)
def test_the_address_has_the_path_of_the_protocol(protocol: str, path: str) -> None:
    world = Simulation()

    def change(spec: Any) -> None:
        spec["protocol"] = protocol
        if protocol == "tensorflow":
            spec["predictors"][0]["graph"]["implementation"] = "TENSORFLOW_SERVER"

    world.declare(change)
    address = status(world).address
    assert address is not None
    assert address.url.endswith(path)


def test_it_is_being_created_until_pods_are_there() -> None:
    world = Simulation()
    assert status(world).state == "Creating"
    world.step()
    (name,) = world.names("Deployment")
    world.roll_out(name, available=0, Available="False", Progressing="True")
    found = status(world)
    assert found.state == "Creating"
    ready = next(one for one in found.conditions if one.type == "Ready")
    assert (ready.status, ready.message) == ("False", f"{name}: 0 of 1 pods are available, 1 are up to date")


def test_no_progress_is_a_failure() -> None:
    world = Simulation()
    world.step()
    world.roll_out(world.names("Deployment")[0], available=0, Available="False", Progressing="False")
    found = status(world)
    assert (found.state, found.description) == ("Failed", "Deployment is no longer progressing and not available.")


def test_scaled_to_zero_is_available() -> None:
    world = Simulation()
    world.declare(lambda spec: spec.update(replicas=0))
    world.settle()
    found = status(world)
    assert (found.state, found.replicas) == ("Available", 0)
    assert written(found, {}, NOW)["replicas"] == 0


def test_numbers_about_an_older_generation_do_not_count() -> None:
    world = Simulation()
    world.settle()
    live = world.live("Deployment", world.names("Deployment")[0])
    live["metadata"] |= {"generation": 99, "resourceVersion": "1000"}
    world.put(live)
    assert status(world).state == "Creating"


def test_problems_are_told() -> None:
    world = Simulation()
    world.settle()
    found = status(world, problems=["no room"])
    assert (found.state, found.description) == ("Failed", "no room")
    assert conditions(found)["Ready"] == "False"
    assert conditions(found)["DeploymentsReady"] == "True"


def test_a_manifest_that_nothing_can_be_made_of_keeps_what_was_said_of_what_runs() -> None:
    world = Simulation()
    world.settle()
    found = failed(status(world), "it is wrong", 8)
    assert (found.state, found.description, found.observed_generation) == ("Failed", "it is wrong", 8)
    assert found.deployment_status == status(world).deployment_status
    assert conditions(found)["Ready"] == "False"


def test_a_condition_keeps_its_time_until_it_changes() -> None:
    world = Simulation()
    world.step()
    before = written(status(world), {}, "then")
    for name in world.names("Deployment"):
        world.roll_out(name)
    times = {one["type"]: one["lastTransitionTime"] for one in written(status(world), before, NOW)["conditions"]}
    assert times["ServicesReady"] == "then"
    assert times["Ready"] == times["DeploymentsReady"] == NOW


def test_what_has_not_changed_is_not_written() -> None:
    world = Simulation()
    world.settle()
    before = written(status(world), {}, "then")
    assert status_patch(before, written(status(world), before, NOW)) == {}


def merged(before: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    found = dict(before) if isinstance(before, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found


def test_what_is_gone_is_taken_away() -> None:
    before = {"a": 1, "b": {"c": 1, "d": 2}, "e": [1]}
    after = {"b": {"d": 3}, "e": [2], "f": "x"}
    patch = status_patch(before, after)
    assert patch == {"a": None, "b": {"c": None, "d": 3}, "e": [2], "f": "x"}
    assert merged(before, patch) == after


def test_an_empty_text_is_never_written() -> None:
    """Older API servers take it for null."""
    world = Simulation()
    world.settle()
    before = written(failed(status(world), "wrong", 7), {}, NOW)
    assert status_patch(before, written(status(world), before, NOW))["description"] is None
