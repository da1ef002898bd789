"""Several steps at the same time: those that need no task until they wait."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest

from infergraph.components import Component
from infergraph.graph.batch import placed
from infergraph.graph.lane import Lane
from infergraph.graph.parallel import all_begun, all_of, starts_without_task
from infergraph.graph.step import sequence
from infergraph.payloads import Encoding, Payload
from tests.graph.graphs import Passing

Gather = Callable[[Sequence[Callable[[], Awaitable[Any]]]], Awaitable[list[Any]]]
ROW = Payload(np.array([[1]]), Encoding.NDARRAY)
both = pytest.mark.parametrize("gather", [all_of, all_begun])


class Calls:
    """Calls that note what becomes of them."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.futures: list[asyncio.Future[Any]] = []

    async def now(self, answer: Any) -> Any:
        self.notes.append(f"{answer} began")
        return answer

    async def fail(self, why: str, turns: int = 0) -> Any:
        for _ in range(turns):
            await asyncio.sleep(0)
        raise ValueError(why)

    async def wait(self, answer: Any, turns: int) -> Any:
        try:
            for _ in range(turns):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.notes.append(f"{answer} cancelled")
            raise
        return answer

    async def forever(self, name: str) -> Any:
        future = asyncio.get_running_loop().create_future()
        self.futures.append(future)
        try:
            return await future
        except asyncio.CancelledError:
            self.notes.append(f"{name} cancelled")
            raise


def gathered(gather: Gather, *calls: Callable[[], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with asyncio.timeout(20):
            return await gather(calls)

    return asyncio.run(run())


@both
def test_answers_keep_their_order(gather: Gather) -> None:
    calls = Calls()
    asked = (partial(calls.wait, 1, 3), partial(calls.now, 2), partial(calls.wait, 3, 1), partial(calls.now, 4))
    assert gathered(gather, *asked) == [1, 2, 3, 4]


@both
def test_one_that_fails_at_once_cancels_those_that_wait(gather: Gather) -> None:
    calls = Calls()
    with pytest.raises(ValueError, match="no"):
        gathered(gather, partial(calls.forever, "first"), partial(calls.fail, "no"))
    assert calls.notes == ["first cancelled"]
    assert all(future.cancelled() for future in calls.futures)


@both
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_one_that_fails_later_cancels_those_that_wait(gather: Gather, turns: int) -> None:
    calls = Calls()
    asked = (partial(calls.forever, "first"), partial(calls.fail, "no", turns), partial(calls.forever, "third"))
    with pytest.raises(ValueError, match="no"):
        gathered(gather, *asked)
    assert sorted(calls.notes) == ["first cancelled", "third cancelled"]


@both
def test_the_first_by_position_is_raised(gather: Gather) -> None:
    calls = Calls()
    with pytest.raises(ValueError, match="one"):
        gathered(gather, partial(calls.fail, "one", 1), partial(calls.fail, "two", 1))


@both
def test_who_asked_leaves_and_nothing_goes_on(gather: Gather) -> None:
    calls = Calls()

    async def run() -> None:
        asked = [partial(calls.forever, "first"), partial(calls.now, "second"), partial(calls.forever, "third")]
        task = asyncio.ensure_future(gather(asked))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(run())
    assert sorted(calls.notes) == ["first cancelled", "second began", "third cancelled"]


def test_what_does_not_wait_costs_no_task() -> None:
    calls, seen = Calls(), []

    async def note() -> None:
        seen.append(asyncio.current_task())

    async def run() -> None:
        asked: list[Callable[[], Awaitable[Any]]] = [partial(calls.now, 1), partial(calls.now, 2), note]
        assert await all_begun(asked) == [1, 2, None]
        assert seen == [asyncio.current_task()]

    asyncio.run(run())


class Async:
    async def predict(self, X: Any) -> Any:
        return X


def step_of(target: object) -> Any:
    operation = Component("u", target).predict()
    assert operation is not None
    return placed(Lane("u", threads=1, queue_length=9), operation)


def test_a_coroutine_of_the_user_has_a_task_of_its_own() -> None:
    ours, theirs = step_of(Passing()), step_of(Async())
    assert starts_without_task(ours)
    assert starts_without_task(sequence([ours, step_of(Passing())]))
    assert not starts_without_task(theirs)
    assert not starts_without_task(sequence([ours, theirs]))
    assert not starts_without_task(sequence([sequence([theirs, ours]), ours]))


class Slow:
    """Holds its call until it is let go."""

    def __init__(self, go: threading.Event) -> None:
        self.go = go

    def predict(self, X: Any) -> Any:
        assert self.go.wait(20)
        return X


def test_calls_in_threads_run_at_the_same_time() -> None:
    go = threading.Event()

    class Last:
        def predict(self, X: Any) -> Any:
            go.set()  # the other one waits for it
            return X

    asked = [partial(step_of(target), ROW, None) for target in (Slow(go), Last())]

    async def run() -> list[Any]:
        async with asyncio.timeout(20):
            return await all_begun(asked)

    assert [answer.data.tolist() for answer in asyncio.run(run())] == [[[1]], [[1]]]
