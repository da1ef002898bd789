"""What is planned: never anything that takes away what serves before something else does."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.objects.settings import Ambassador, Istio
from infergraph.kubernetes.operator.kinds import Ref, ref_of
from infergraph.kubernetes.operator.plan import Mark
from infergraph.kubernetes.operator.readiness import rollout
from tests.kubernetes.operator.simulation import Change, Simulation
from tests.kubernetes.rendering import NAMES, settings_for


def predictors(*names: str, traffic: tuple[int, ...] = ()) -> Change:
    """Predictors of these names, each a copy of the first of the file."""

    def change(spec: Any) -> None:
        first = spec["predictors"][0]
        spec["predictors"] = [{**copy.deepcopy(first), "name": name} for name in names]
        for one, share in zip(spec["predictors"], traffic or (100, *[0] * len(names)), strict=False):
            one["traffic"] = share

    return change


@pytest.mark.parametrize("name", NAMES)
def test_a_converged_deployment_needs_nothing(name: str) -> None:
    world = Simulation(name, settings_for(name))
    world.settle()
    todo = world.plan()
    assert (todo.apply, todo.delete, todo.held, todo.problems, todo.waits) == ((), (), (), (), ())


def test_an_operator_that_starts_anew_writes_nothing() -> None:
    world = Simulation()
    world.settle()
    world.marks.clear()
    assert world.plan().apply == ()


def test_it_applies_what_is_missing_in_order() -> None:
    world = Simulation()
    kinds = [change.ref.kind for change in world.plan().apply]
    assert kinds == ["Service", "Deployment", "Service"]
    assert all(change.is_new for change in world.plan().apply)


def test_what_somebody_changed_is_put_back() -> None:
    world = Simulation()
    world.settle()
    name = world.names("Deployment")[0]
    ref = Ref("Deployment", "models", name)
    live = world.store.get(ref)
    assert live is not None
    world.marks[ref] = Mark(live.uid, "what it was")
    assert [change.ref for change in world.plan().apply] == [ref]


def test_a_change_of_what_is_not_ours_is_nobodys_matter() -> None:
    world = Simulation()
    world.settle()
    ref = Ref("Deployment", "models", world.names("Deployment")[0])
    live = world.store.get(ref)
    assert live is not None
    world.marks[ref] = Mark(live.uid, live.fields)
    changed = world.live("Deployment", ref.name)
    changed["spec"]["paused"] = True
    changed["metadata"]["resourceVersion"] = "1000"
    world.store.put({**changed, "metadata": {**changed["metadata"], "managedFields": []}})
    world.marks[ref] = Mark(live.uid, "")
    assert world.plan().apply == ()


def test_old_deployments_stay_until_new_ones_are_ready() -> None:
    world = Simulation()
    world.settle()
    (old,) = world.names("Deployment")
    world.declare(predictors("second"))
    world.step()
    (new,) = set(world.names("Deployment")) - {old}
    for available in (0, 0):
        world.roll_out(new, available=available)
        assert world.step().delete == ()
    world.roll_out(new)
    first, second, third = world.settle()
    assert [(change.ref.name, first.delete) for change in first.apply] == [("iris-gateway", ())]
    assert [ref.name for ref in second.delete] == [old]
    assert {ref.kind for ref in third.delete} == {"Service"}
    assert world.plan().delete == ()


def test_an_engine_of_its_own_goes_before_what_it_calls() -> None:
    world = Simulation("separate_engine")
    world.settle()
    world.declare(predictors("second"))
    plans = world.settle()
    gone = [ref.name for todo in plans for ref in todo.delete if ref.kind == "Deployment"]
    assert gone[0].endswith("-svc-orch")
    assert len(gone) > 1


def test_a_budget_that_is_not_wanted_goes_at_once() -> None:
    world = Simulation("pdb")
    world.settle()

    def without(spec: Any) -> None:
        for one in spec["predictors"]:
            for component in one["componentSpecs"]:
                component.pop("pdbSpec", None)

    world.declare(without)
    assert {ref.kind for ref in world.plan().delete} == {"PodDisruptionBudget"}


def test_pods_stay_when_an_autoscaler_begins() -> None:
    """Applying without the number that was ours would leave one pod."""
    world = Simulation()
    world.declare(lambda spec: spec.update(replicas=5))
    world.settle()
    live = world.live("Deployment", world.names("Deployment")[0])
    fields = [{"manager": "infergraph", "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}}}}]
    live["metadata"] |= {"resourceVersion": "1000", "managedFields": fields}
    world.store.put(live)

    def scaled(spec: Any) -> None:
        component = spec["predictors"][0].setdefault("componentSpecs", [{"spec": {"containers": []}}])[0]
        component["hpaSpec"] = {"minReplicas": 2, "maxReplicas": 9}

    world.declare(scaled)
    (deployment,) = [change.desired for change in world.plan().apply if change.ref.kind == "Deployment"]
    assert deployment["spec"]["replicas"] == 5


def test_somebody_elses_object_is_left_alone() -> None:
    world = Simulation()
    first = world.desired[0]
    foreign = [{"kind": "Deployment", "apiVersion": "apps/v1", "name": "x", "uid": "9", "controller": True}]
    world.write(first, ownerReferences=foreign)
    todo = world.plan()
    (problem,) = todo.problems
    assert problem.startswith(f"the Service {first['metadata']['name']} belongs to the Deployment x: delete it, or")
    assert ref_of(first) not in [change.ref for change in todo.apply]


def test_what_nobody_owns_is_taken_over_when_it_has_our_label() -> None:
    world = Simulation()
    world.write(world.desired[0], ownerReferences=[])
    assert world.plan().problems == ()
    world.write(world.desired[0], ownerReferences=[], labels={})
    assert "is there already, and was not made for this deployment" in world.plan().problems[0]


def test_what_is_left_of_a_deployment_of_the_same_name_is_waited_for() -> None:
    world = Simulation()
    before = [{**world.desired[0]["metadata"]["ownerReferences"][0], "uid": "0"}]
    world.write(world.desired[0], ownerReferences=before)
    todo = world.plan()
    assert todo.problems == ()
    assert "of the deployment that had this name before" in todo.waits[0]
    assert todo.delete == ()


def test_another_selector_makes_a_deployment_anew() -> None:
    world = Simulation()
    world.settle()
    name = world.names("Deployment")[0]
    live = world.live("Deployment", name)
    live["spec"]["selector"]["matchLabels"]["old"] = "true"
    live["metadata"]["resourceVersion"] = "1000"
    world.put(live)
    assert world.step().delete == (Ref("Deployment", "models", name),)
    assert [change.ref.name for change in world.step().apply] == [name]


class TestRoutes:
    def test_a_canary_gets_nothing_before_it_is_ready(self) -> None:
        world = Simulation(settings=Settings(istio=Istio(enabled=True)))
        world.declare(predictors("main"))
        world.settle()
        world.declare(predictors("main", "canary", traffic=(75, 25)))
        todo = world.step()
        assert [ref.kind for ref in todo.held] == ["VirtualService"]
        for name in world.names("Deployment"):
            world.roll_out(name)
        assert [change.ref.kind for change in world.step().apply] == ["VirtualService"]

    def test_shares_of_predictors_that_are_there_change_at_once(self) -> None:
        """Somebody may be taking requests from a canary that has broken down."""
        world = Simulation(settings=Settings(istio=Istio(enabled=True)))
        world.declare(predictors("main", "canary", traffic=(75, 25)))
        world.settle()
        broken = next(name for name in world.names("Deployment") if "canary" in name)
        world.roll_out(broken, available=0)
        world.declare(predictors("main", "canary", traffic=(100, 0)))
        assert [change.ref.kind for change in world.step().apply] == ["VirtualService"]

    def test_our_gateway_takes_over_when_it_and_the_canary_are_ready(self) -> None:
        world = Simulation()
        world.declare(predictors("main"))
        world.settle()
        world.declare(predictors("main", "canary", traffic=(75, 25)))
        assert world.step().held == (Ref("Service", "models", "iris-gateway"),)
        world.roll_out("iris-gateway")
        assert world.step().held == (Ref("Service", "models", "iris-gateway"),)
        for name in world.names("Deployment"):
            world.roll_out(name)
        assert [change.ref for change in world.step().apply] == [Ref("Service", "models", "iris-gateway")]

    def test_one_more_mapping_waits(self) -> None:
        world = Simulation(settings=Settings(ambassador=Ambassador(enabled=True)))
        world.declare(predictors("main"))
        world.settle()
        world.declare(predictors("main", "canary", traffic=(75, 25)))
        assert {ref.kind for ref in world.step().held} == {"Mapping"}

    def test_the_first_route_waits_for_nobody(self) -> None:
        world = Simulation(settings=Settings(istio=Istio(enabled=True)))
        assert world.plan().held == ()


_SETS = st.lists(st.sampled_from(["main", "canary", "other"]), min_size=1, max_size=3, unique=True)
_STEPS = st.lists(st.one_of(_SETS.map(tuple), st.sampled_from(["step", "step", "ready", "broken"])), max_size=14)


@given(_STEPS)
def test_nothing_goes_before_what_comes_is_ready(steps: list[Any]) -> None:
    world = Simulation()
    for step in steps:
        match step:
            case tuple():
                world.declare(predictors(*step))
            case "ready":
                for name in world.names("Deployment"):
                    world.roll_out(name)
            case "broken":
                for name in world.names("Deployment")[:1]:
                    world.roll_out(name, available=0)
            case _:
                _check_step(world)
    world.settle()
    wanted = {ref_of(one) for one in world.desired}
    assert {ref for kind in ("Deployment", "Service") for ref in world.store.refs(kind)} == wanted


def _check_step(world: Simulation) -> None:
    before = {ref: world.store.get(ref) for ref in world.store.refs("Deployment")}
    todo = world.step()
    if any(ref.kind in ("Deployment", "Service") for ref in todo.delete):
        for one in world.desired:
            if one["kind"] == "Deployment":
                live = before[ref_of(one)]
                assert live is not None
                assert rollout(live.data).is_ready
    assert not {ref_of(one) for one in world.desired} & set(todo.delete)
