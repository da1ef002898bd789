"""What holds for each call of a component, whatever it is made over."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from infergraph.errors import CircuitOpen, ComponentLost, ComponentTooSlow, ComponentUnreachable
from infergraph.graph.remote.address import Address
from infergraph.graph.remote.calls import CallLimits, Calls
from infergraph.graph.remote.circuit import FAILURES
from infergraph.graph.remote.failure import CallFailed, ConnectTimedOut, NotConnected
from infergraph.telemetry import Registry, UnitMetrics
from infergraph.telemetry.unit_metrics import UnitLabels

LIMITS = CallLimits(timeout_s=0.05, annotation="seldon.io/grpc-timeout")
LABELS = UnitLabels(deployment="d", predictor="p", unit="m")


class Component:
    """Ends each call in the next of its ways; the last one again and again."""

    def __init__(self, *ways: Exception | str) -> None:
        self.ways = list(ways)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        way = self.ways.pop(0) if len(self.ways) > 1 else self.ways[0]
        if isinstance(way, Exception):
            raise way
        return way


def calls(limits: CallLimits | None = None, registry: Registry | None = None) -> Calls:
    return Calls("m", Address("here", 9000), limits or CallLimits(), UnitMetrics(registry, LABELS))


def made(call: Callable[[], Awaitable[Any]], limits: CallLimits | None = None) -> Any:
    return asyncio.run(calls(limits).make(call, "/predict"))


def values(registry: Registry) -> dict[str, float]:
    families = registry.snapshot().families
    return {f.name: f.series[0].value for f in families if f.name.startswith("infergraph_circuit")}


def test_nobody_there_is_tried_once_more_and_a_lost_call_never() -> None:
    assert made(component := Component(NotConnected("refused"), "good")) == "good"
    assert component.calls == 2
    with pytest.raises(ComponentUnreachable, match=r"Unit `m` cannot be reached at here:9000: refused; is its"):
        made(component := Component(NotConnected("refused")))
    assert component.calls == 2
    with pytest.raises(ComponentUnreachable, match="no connection within 1 s"):
        made(component := Component(ConnectTimedOut("no connection within 1 s")))
    assert component.calls == 1
    with pytest.raises(ComponentLost, match=r"Unit `m` at here:9000 gave no answer to /predict: reset"):
        made(component := Component(CallFailed("reset")))
    assert component.calls == 1


def test_a_slow_call_is_ended_and_told_with_the_annotation() -> None:
    is_ended = asyncio.Event()

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            is_ended.set()

    with pytest.raises(ComponentTooSlow, match=r"no answer to /predict within 0.05 s, .* annotation seldon.io/grpc-"):
        made(slow, LIMITS)
    assert is_ended.is_set()
    assert [LIMITS.connect_s, CallLimits().connect_s] == pytest.approx([0.045, 5.0])


def test_a_timeout_within_the_call_is_none_of_the_calls() -> None:
    with pytest.raises(TimeoutError):
        made(Component(TimeoutError()), CallLimits(timeout_s=50))


def test_the_circuit_opens_is_told_once_and_closes_with_the_first_connection() -> None:
    registry = Registry()
    one, gone = calls(registry=registry), Component(NotConnected("refused"))

    async def refused(kind: type[Exception], times: int) -> None:
        for _ in range(times):
            with pytest.raises(kind):
                await one.make(gone, "/predict")

    with capture_logs() as events:
        asyncio.run(refused(ComponentUnreachable, FAILURES))
        asyncio.run(refused(CircuitOpen, 3))
        assert values(registry) == {"infergraph_circuit_open": 1, "infergraph_circuit_opened_total": 1}
        one.connected()
        assert asyncio.run(one.make(Component("good"), "/predict")) == "good"
    assert values(registry) == {"infergraph_circuit_open": 0, "infergraph_circuit_opened_total": 1}
    assert gone.calls <= FAILURES + 1
    assert [(event["event"], event["unit"], event["address"]) for event in events] == [
        ("circuit_opened", "m", "here:9000"),
        ("circuit_closed", "m", "here:9000"),
    ]


@pytest.mark.parametrize("way", ["good", CallFailed("reset")])
def test_whatever_comes_of_a_connection_it_counts_as_one(way: Any) -> None:
    async def main() -> None:
        one = calls()
        for _ in range(3 * FAILURES):
            with pytest.raises(ComponentUnreachable):
                await one.make(Component(ConnectTimedOut("late")), "/predict")
            with contextlib.suppress(ComponentLost):
                assert await one.make(Component(way), "/predict") == "good"

    asyncio.run(main())
