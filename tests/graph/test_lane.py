"""Where calls run: short ones in the event loop, long ones in a thread, one at a time."""

import asyncio
import threading
from typing import Any

import pytest

from infergraph.components import Component, Operation
from infergraph.errors import QueueFull
from infergraph.graph import pace
from infergraph.graph.lane import Lane
from infergraph.graph.pace import PROBES
from infergraph.payloads import Encoding, Payload

PAYLOAD = Payload("x", Encoding.TEXT)


def operation(target: object) -> Operation:
    found = Component("u", target).predict()
    assert found is not None
    return found


class Where:
    """Answers the name of the thread that runs it."""

    def predict(self, X: str) -> str:
        return threading.current_thread().name


def test_calls_known_to_be_short_run_in_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "SHORT_S", 60.0)
    step = Lane("u", threads=1, queue_length=10).place(operation(Where()))

    async def run() -> list[str]:
        return [(await step(PAYLOAD, None)).data for _ in range(PROBES + 2)]

    names = asyncio.run(run())
    assert {name.startswith("unit-u") for name in names[:PROBES]} == {True}
    assert names[PROBES:] == ["MainThread"] * 2


def test_a_long_call_sends_the_next_ones_to_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "SHORT_S", 0.0)
    step = Lane("u", threads=1, queue_length=10).place(operation(Where()))

    async def run() -> list[str]:
        return [(await step(PAYLOAD, None)).data for _ in range(PROBES + 2)]

    assert "MainThread" not in asyncio.run(run())


class Blocking:
    """Waits until it is let go; counts how many wait with it."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.running = 0
        self.most = 0

    def predict(self, X: str) -> str:
        self.running += 1
        self.most = max(self.most, self.running)
        self.go.wait(20)
        self.running -= 1
        return X


def test_one_call_at_a_time_and_the_queue_has_an_end() -> None:
    target = Blocking()
    step = Lane("u", threads=1, queue_length=2).place(operation(target))

    async def run() -> list[Any]:
        tasks = [asyncio.ensure_future(step(PAYLOAD, None)) for _ in range(5)]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        assert len(done) == 2
        target.go.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    results = asyncio.run(run())
    assert [type(result) for result in results] == [Payload, Payload, Payload, QueueFull, QueueFull]
    assert "unit `u` has 3 requests waiting or running" in str(results[-1])
    assert target.most == 1


def test_a_user_may_ask_for_more_threads() -> None:
    meeting = threading.Barrier(3, timeout=20)

    class Meeting:
        def predict(self, X: str) -> str:
            meeting.wait()
            return X

    step = Lane("u", threads=3, queue_length=10).place(operation(Meeting()))

    async def run() -> int:
        return len(await asyncio.gather(*(step(PAYLOAD, None) for _ in range(3))))

    assert asyncio.run(run()) == 3


def test_a_cancelled_call_that_waits_does_not_run() -> None:
    target = Blocking()
    calls = []
    called = asyncio.Event()

    class Counting(Blocking):
        def predict(self, X: str) -> str:
            calls.append(X)
            loop.call_soon_threadsafe(called.set)
            return target.predict(X)

    step = Lane("u", threads=1, queue_length=10).place(operation(Counting()))
    loop: asyncio.AbstractEventLoop

    async def run() -> None:
        nonlocal loop
        loop = asyncio.get_running_loop()
        first, second = (asyncio.ensure_future(step(PAYLOAD, None)) for _ in range(2))
        await called.wait()
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        target.go.set()
        assert (await first).data == "x"
        assert (await step(PAYLOAD, None)).data == "x"

    asyncio.run(run())
    assert len(calls) == 2
