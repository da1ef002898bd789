"""The operator while the API server stumbles, connections break and it is killed itself: the end state is right."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cluster.control_plane import ControlPlane
from tests.cluster.declared import Namespace, manifest, predictor, until
from tests.cluster.faulty_proxy import Call, Cut, Delay, Fault, FaultyProxy, Lose, Refuse, faulty_proxy
from tests.cluster.operators import operator

Rule = Callable[[Call], Fault]


@pytest.fixture
def proxy(plane: ControlPlane, tmp_path: Path) -> Iterator[FaultyProxy]:
    with faulty_proxy(plane.api.url, tmp_path) as found:
        yield found


def every(nth: int, fault: Fault) -> Rule:
    """Every nth write meets the fault."""
    return lambda call: fault if call.is_write and call.number % nth == 0 else None


def each_object_once(fault: Fault) -> Rule:
    """The first write to each object meets the fault."""
    seen: set[tuple[str, str]] = set()

    def rule(call: Call) -> Fault:
        key = (call.resource, call.name)
        if not call.is_write or key in seen:
            return None
        seen.add(key)
        return fault

    return rule


def once_for_each(verb: str, fault: Fault) -> Rule:
    """The first call of the verb for each resource meets the fault."""
    seen: set[str] = set()

    def rule(call: Call) -> Fault:
        if call.verb != verb or call.resource in seen:
            return None
        seen.add(call.resource)
        return fault

    return rule


def watches(fault: Fault) -> Rule:
    return lambda call: fault if call.verb == "watch" else None


RULES: dict[str, tuple[Rule, str]] = {
    "a conflict on every second write": (every(2, Refuse(409)), "Refuse"),
    "a conflict on the first write of each": (each_object_once(Refuse(409)), "Refuse"),
    "429 with Retry-After": (every(3, Refuse(429, retry_after_s=1)), "Refuse"),
    "500 on every third write": (every(3, Refuse(500)), "Refuse"),
    "503 on every eleventh call": (lambda call: Refuse(503) if call.number % 11 == 0 else None, "Refuse"),
    "503 on the first watch of each": (once_for_each("watch", Refuse(503)), "Refuse"),
    "answers that are lost": (each_object_once(Lose()), "Lose"),
    "slow writes": (every(2, Delay(0.3)), "Delay"),
    "watches that are cut": (watches(Cut(2)), "Cut"),
    "watches that are cut at once": (watches(Cut(0)), "Cut"),
}


@pytest.mark.parametrize("fault", RULES)
def test_the_end_is_right(
    plane: ControlPlane, namespace: Namespace, proxy: FaultyProxy, tmp_path: Path, fault: str
) -> None:
    """Created, changed so that objects come and go, and one of two deleted, all of it through the faults."""
    proxy.rule, kind = RULES[fault]
    with operator(plane.api, tmp_path, "--namespace", namespace.name, url=proxy.url, token="operator"):
        iris, other = manifest("iris"), manifest("other", predictor("one", traffic=75), predictor("two", traffic=25))
        for one in (iris, other):
            namespace.declare(one)
        namespace.until_right(iris, other)
        namespace.delete("iris")
        other = manifest("other", predictor("two", container="renamed", replicas=2))
        namespace.declare(other)
        namespace.until_right(other)
    assert proxy.faults[kind]


@pytest.mark.parametrize("writes", [1, 2, 3, 5])
def test_killed_in_the_middle_of_a_reconcile(
    plane: ControlPlane, namespace: Namespace, proxy: FaultyProxy, tmp_path: Path, writes: int
) -> None:
    """Some objects are written and some are not; another one begins from what is there."""
    iris = manifest("iris", predictor("one", traffic=75), predictor("two", traffic=25))
    arguments = ("--namespace", namespace.name)
    with operator(plane.api, tmp_path, *arguments, url=proxy.url, token="operator") as process:
        proxy.rule = lambda call: Delay(60) if call.is_write and call.number > writes else None
        namespace.declare(iris)
        until(lambda: bool(proxy.faults["Delay"]), lambda: "it writes")
        assert process.stop(signal.SIGKILL) == -signal.SIGKILL
    assert namespace.wrong(iris)
    with operator(plane.api, tmp_path, *arguments, token="operator"):
        namespace.until_right(iris)


def test_what_happens_while_nobody_looks(plane: ControlPlane, namespace: Namespace, tmp_path: Path) -> None:
    """Deleted, changed and new ones are found by an operator that comes later."""
    old, changed = manifest("old"), manifest("changed")
    with operator(plane.api, tmp_path, "--namespace", namespace.name, token="operator"):
        for one in (old, changed):
            namespace.declare(one)
        namespace.until_right(old, changed)
    namespace.delete("old")
    changed, new = manifest("changed", predictor(container="renamed")), manifest("new")
    for one in (changed, new):
        namespace.declare(one)
    with operator(plane.api, tmp_path, "--namespace", namespace.name, token="operator"):
        namespace.until_right(changed, new)


def test_api_server_restarted(plane: ControlPlane, namespace: Namespace, tmp_path: Path) -> None:
    """The operator lives on, and does what was declared before, meanwhile and after."""
    with operator(plane.api, tmp_path, "--namespace", namespace.name, token="operator") as process:
        iris, other = manifest("iris"), manifest("other")
        namespace.declare(iris)
        plane.stop()
        time.sleep(1)
        plane.start()
        namespace.declare(other)
        namespace.until_right(iris, other)
        iris = manifest("iris", predictor(image="2.0", replicas=2))
        namespace.declare(iris)
        namespace.until_right(iris, other)
        assert process.process.poll() is None


def test_a_watch_that_says_nothing_any_more(
    plane: ControlPlane, namespace: Namespace, proxy: FaultyProxy, tmp_path: Path
) -> None:
    """Events that were missed while a watch was away are made up for by a new list."""
    with operator(plane.api, tmp_path, "--namespace", namespace.name, url=proxy.url, token="operator"):
        namespace.declare(manifest("iris"))
        namespace.until_available()
        proxy.rule = lambda call: Refuse(500) if call.verb == "get" else Cut(0) if call.verb == "watch" else None
        proxy.cut()
        namespace.delete("iris")
        other = manifest("other")
        namespace.declare(other)
        until(lambda: bool(proxy.faults["Refuse"]), lambda: "it lists anew")
        proxy.rule = lambda _: None
        namespace.until_right(other)
