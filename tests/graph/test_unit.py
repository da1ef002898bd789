"""The walk of a request and of a feedback (SELDON_V1 §3.2, §3.3)."""

import asyncio
import threading
from typing import Any

import numpy as np
import pytest

from infergraph.errors import BadAnswer, BadMessage, ComponentFailed, LoadError, QueueFull
from infergraph.graph.context import Context
from infergraph.payloads import Payload
from tests.graph.graphs import Marking, Passing, Routing, ask, compiled, feed, unit

MODEL, TRANSFORMER, OUTPUT, ROUTER, COMBINER = "MODEL", "TRANSFORMER", "OUTPUT_TRANSFORMER", "ROUTER", "COMBINER"


def marks(*names: str) -> dict[str, object]:
    return {name: Marking(name) for name in names}


@pytest.mark.parametrize(
    ("root", "answer"),
    [
        (unit("a", MODEL), "x pa"),
        (unit("a", TRANSFORMER), "x ia"),
        (unit("a", OUTPUT), "x oa"),
        (unit("a", COMBINER), "x"),
        (unit("a", MODEL, unit("b", MODEL, unit("c", MODEL))), "x pa pb pc"),
        (unit("a", TRANSFORMER, unit("b", MODEL)), "x ia pb"),
        (unit("a", OUTPUT, unit("b", MODEL)), "x pb oa"),
        (unit("a", COMBINER, unit("b", MODEL)), "(x pb) aa"),
        (unit("a", COMBINER, unit("b", MODEL), unit("c", MODEL)), "(x pb | x pc) aa"),
        (unit("a", MODEL, unit("b", MODEL), unit("c", MODEL)), "x pa pb"),
        (unit("a", OUTPUT, unit("b", COMBINER, unit("c", MODEL), unit("d", MODEL))), "(x pc | x pd) ab oa"),
        (unit("a", None, unit("b", MODEL), methods=("TRANSFORM_INPUT", "TRANSFORM_OUTPUT")), "x ia pb oa"),
        (unit("a", None, unit("b", MODEL), methods=("AGGREGATE", "TRANSFORM_OUTPUT")), "(x pb) aa oa"),
        (unit("a", MODEL, methods=("TRANSFORM_INPUT",)), "x ia"),
        (unit("a", MODEL, methods=("TRANSFORM_OUTPUT",)), "x pa oa"),
        (unit("a", None, methods=("SEND_FEEDBACK",)), "x"),
    ],
)
def test_order(root: Any, answer: str) -> None:
    assert ask(compiled(root, marks("a", "b", "c", "d"))).data == answer


@pytest.mark.parametrize(
    ("branch", "answer"), [(0, "x pb"), (1, "x pc"), (-1, "x pb"), (-2, "x"), (np.int64(1), "x pc")]
)
def test_branches(branch: Any, answer: str) -> None:
    graph = compiled(
        unit("r", ROUTER, unit("b", MODEL), unit("c", MODEL)), {"r": Routing("r", branch), **marks("b", "c")}
    )
    context = Context("p")
    assert ask(graph, context=context).data == answer
    assert context.routing == {"r": branch}


@pytest.mark.parametrize(
    ("full", "has_begun"),
    [("in", False), ("router", True), ("b", True), ("out", True)],
)
def test_a_full_queue_says_whether_anything_has_run(full: str, has_begun: bool) -> None:
    router = unit("router", ROUTER, unit("b", MODEL), unit("c", MODEL))
    graph = unit("in", TRANSFORMER, unit("out", OUTPUT, router))
    targets = {**marks("in", "b", "c", "out"), "router": Routing("router", 0)}
    with pytest.raises(QueueFull) as raised:
        ask(compiled(graph, targets, full))
    assert raised.value.has_begun is has_begun


@pytest.mark.parametrize(("full", "has_begun"), [("router", False), ("b", True)])
def test_nothing_has_run_before_a_router_that_comes_first(full: str, has_begun: bool) -> None:
    graph = unit("router", ROUTER, unit("b", MODEL), unit("c", MODEL))
    with pytest.raises(QueueFull) as raised:
        ask(compiled(graph, {**marks("b", "c"), "router": Routing("router", 0)}, full))
    assert raised.value.has_begun is has_begun


@pytest.mark.parametrize("branch", [2, 99, -3])
def test_a_branch_that_does_not_exist_names_the_unit(branch: int) -> None:
    graph = compiled(unit("r", ROUTER, unit("b", MODEL), unit("c", MODEL)), {"r": Routing("r", branch)})
    with pytest.raises(BadAnswer, match=f"Unit `r` routed to branch {branch}, and it has 2 children"):
        ask(graph)


@pytest.mark.parametrize("branch", [None, "a", [], 1.5])
def test_an_answer_that_is_no_branch_names_the_unit(branch: Any) -> None:
    graph = compiled(unit("r", ROUTER, unit("b", MODEL)), {"r": Routing("r", branch)})
    with pytest.raises(BadAnswer, match="Unit `r`"):
        ask(graph)


def test_a_routed_child_is_aggregated_too() -> None:
    root = unit("r", ROUTER, unit("b", MODEL), unit("c", MODEL), methods=("AGGREGATE", "TRANSFORM_OUTPUT"))
    assert ask(compiled(root, {"r": Routing("r", 1), **marks("b", "c")})).data == "(x pc) ar or"
    assert ask(compiled(root, {"r": Routing("r", -2), **marks("b", "c")})).data == "x or"


def test_a_leaf_router_is_never_called() -> None:
    assert ask(compiled(unit("r", ROUTER), {"r": Routing("r", 99)})).data == "x"


def test_children_run_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=20)

    class Waiting:
        def predict(self, X: str) -> str:
            meeting.wait()  # passes only when both are here
            return X

    root = unit("c", COMBINER, unit("a", MODEL), unit("b", MODEL))
    assert ask(compiled(root, {"a": Waiting(), "b": Waiting(), "c": Marking("c")})).data == "(x | x) ac"


def test_the_first_failure_by_position_is_raised_and_the_rest_cancelled() -> None:
    cancelled = []

    class Failing:
        async def predict(self, X: str) -> str:
            raise ValueError("first")

    class Endless:
        async def predict(self, X: str) -> str:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(X)
                raise
            return X

    root = unit("c", COMBINER, unit("a", MODEL), unit("b", MODEL), unit("d", MODEL))
    with pytest.raises(ComponentFailed, match="first"):
        ask(compiled(root, {"a": Failing(), "b": Endless(), "d": Failing()}))
    assert cancelled == ["x"]


def test_children_do_not_see_what_others_do_to_their_input() -> None:
    class Doubling:
        def predict(self, X: Any) -> Any:
            X *= 2
            return X

    class Listing:
        def aggregate(self, features: list[Any]) -> Any:
            return np.concatenate(features)

    class Spoiling(Passing):
        def route(self, X: Any) -> int:
            X *= 0
            return -1

    root = unit("r", ROUTER, unit("c", COMBINER, unit("a", MODEL), unit("b", MODEL)))
    graph = compiled(root, {"r": Spoiling(), "a": Doubling(), "b": Doubling(), "c": Listing()})
    assert ask(graph, [[1.0]]).data.tolist() == [[2.0], [2.0]]


def test_meta_flows_with_the_message() -> None:
    class Tagging(Passing):
        def __init__(self, name: str) -> None:
            self.name = name

        def tags(self) -> dict[str, Any]:
            return {self.name: 1, "last": self.name}

    root = unit("t", MODEL, unit("c", COMBINER, unit("a", MODEL), unit("b", MODEL)))
    meta = ask(compiled(root, {name: Tagging(name) for name in "tcab"})).meta
    assert meta.tags == {"t": 1, "a": 1, "b": 1, "c": 1, "last": "c"}
    assert meta.request_path == {"t": "t:1", "a": "a:1", "b": "b:1", "c": "c:1"}


def test_the_tags_of_an_answer_that_is_dropped_are_dropped() -> None:
    class Tagging(Passing):
        def tags(self) -> dict[str, Any]:
            return {"b": 1}

    root = unit("r", None, unit("a", MODEL), unit("b", MODEL), methods=("TRANSFORM_INPUT",))
    assert ask(compiled(root, {"b": Tagging()})).meta.tags is None


@pytest.mark.parametrize(("kind", "method"), [(MODEL, "predict"), (ROUTER, "route"), (COMBINER, "aggregate")])
def test_a_class_that_cannot_do_its_type_does_not_load(kind: str, method: str) -> None:
    with pytest.raises(LoadError, match=f"unit `a` is a {kind}, and its class object has no method `{method}`"):
        compiled(unit("a", kind, unit("b", MODEL)), {"a": object()})


@pytest.mark.parametrize(
    ("routing", "fed"),
    [
        ({"r": 0}, {"a", "r"}),
        ({"r": 1}, {"b", "r"}),
        ({}, {"a", "b", "r"}),
        ({"r": -1}, {"a", "b", "r"}),
        ({"r": -2}, {"r"}),
        ({"other": 1}, {"a", "b", "r"}),
    ],
)
def test_feedback_follows_the_routing(routing: dict[str, int], fed: set[str]) -> None:
    targets = {"r": Routing("r", 0), **marks("a", "b")}
    reply = feed(compiled(unit("r", ROUTER, unit("a", MODEL), unit("b", MODEL)), targets), routing)
    assert {name for name, target in targets.items() if isinstance(target, Marking) and target.rewards} == fed
    assert isinstance(reply, Payload)
    assert reply.data == "fed r"


@pytest.mark.parametrize("branch", [2, -3, 10**9])
def test_feedback_for_a_child_that_does_not_exist_is_the_caller_mistake(branch: int) -> None:
    graph = compiled(unit("r", ROUTER, unit("a", MODEL), unit("b", MODEL)), {"r": Routing("r", 0)})
    with pytest.raises(BadMessage, match=f"unit `r` routed to branch {branch}, and it has 2 children"):
        feed(graph, {"r": branch})


def test_only_models_routers_and_those_who_ask_get_feedback() -> None:
    targets = marks("t", "c", "a", "s")
    root = unit(
        "t", TRANSFORMER, unit("c", COMBINER, unit("a", MODEL), unit("s", TRANSFORMER, methods=("SEND_FEEDBACK",)))
    )
    assert feed(compiled(root, targets), {}) is None
    assert {name for name, target in targets.items() if isinstance(target, Marking) and target.rewards} == {"a", "s"}


def test_a_chain_is_one_flat_step() -> None:
    root = unit("a", MODEL, unit("b", TRANSFORMER, unit("c", MODEL)))
    steps = compiled(root, {**marks("a", "b", "c")}).predict.steps  # type: ignore[attr-defined]
    assert len(steps) == 3
