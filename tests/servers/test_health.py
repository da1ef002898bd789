"""Units are asked for their health once at a time, and in a thread."""

import asyncio
import threading
from typing import Any

import pytest

from infergraph.components import Component
from infergraph.errors import ComponentFailed
from infergraph.servers.health import Health


class Counting:
    """Counts how often it is asked, and answers when it may."""

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.asked: list[threading.Thread] = []

    def health_status(self) -> str:
        self.asked.append(threading.current_thread())
        self.may_answer.wait(20)
        return "fine"


class Coroutine:
    async def health_status(self) -> str:
        return threading.current_thread().name


class Ill:
    def health_status(self) -> str:
        raise RuntimeError("no heartbeat")


async def ask(target: object, times: int = 1) -> list[Any]:
    component, health = Component("u", target), Health()
    payloads = await asyncio.gather(*(health.of(component) for _ in range(times)))
    return [payload.data for payload in payloads]


def test_who_asks_meanwhile_shares_the_answer() -> None:
    async def run() -> list[Any]:
        asking = asyncio.create_task(ask(target, times=3))
        await asyncio.to_thread(target.may_answer.set)
        return await asking

    target = Counting()
    assert asyncio.run(run()) == ["fine"] * 3
    assert len(target.asked) == 1
    assert target.asked[0] is not threading.main_thread()


def test_the_next_question_is_asked_anew() -> None:
    async def run() -> None:
        await health.of(component)
        await health.of(component)

    target = Counting()
    target.may_answer.set()
    component, health = Component("u", target), Health()
    asyncio.run(run())
    assert len(target.asked) == 2


def test_who_goes_away_does_not_take_the_answer_from_the_others() -> None:
    async def run() -> Any:
        leaving, staying = (asyncio.create_task(health.of(component)) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        target.may_answer.set()
        return (await staying).data

    target = Counting()
    component, health = Component("u", target), Health()
    assert asyncio.run(run()) == "fine"


def test_a_coroutine_runs_where_everything_runs() -> None:
    assert asyncio.run(ask(Coroutine())) == [threading.main_thread().name]


def test_a_failure_is_the_components() -> None:
    with pytest.raises(ComponentFailed, match="no heartbeat"):
        asyncio.run(ask(Ill(), times=2))
