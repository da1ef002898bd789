"""Row-independent units one after the other: who was called for together goes on together."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from infergraph.components import Component
from infergraph.errors import BadMessage, ComponentFailed, QueueFull
from infergraph.graph import batch_size
from infergraph.graph.batch import MOST_IN_A_ROW, placed
from infergraph.graph.lane import Lane
from infergraph.graph.step import Step, sequence
from infergraph.payloads import Encoding, Payload
from infergraph.telemetry import Registry, UnitMetrics
from infergraph.telemetry.unit_metrics import UnitLabels
from tests.telemetry.scraping import scrape

COUNT = "seldon_api_executor_client_requests_seconds_count"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, a call is a short one, and its size is not limited by its time."""
    monkeypatch.setattr(batch_size, "WANTED_S", 1e6)
    for name in ("SHORT_S", "STALL_S"):
        monkeypatch.setattr(f"infergraph.graph.pace.{name}", 1e6)


class Noting:
    """Adds a digit at the end of each row, and notes how many rows each call has."""

    rows_are_independent = True

    def __init__(self, digit: int, refused: int = -1) -> None:
        self.digit, self.refused = digit, refused
        self.sizes: list[int] = []
        self.seen: Callable[[], None] = lambda: None

    def predict(self, X: Any, names: Any) -> Any:
        self.sizes.append(len(X))
        self.seen()
        if self.refused in X:
            raise ValueError("unlucky")
        return X * 10 + self.digit


class Chain:
    """Some units in a row, whose calls are known to be short."""

    def __init__(self, *units: Noting, **limits: int) -> None:
        self.registry = Registry()
        self.units = units
        steps = [self._placed(unit, **limits) for unit in units]
        self.parts, self.step = steps, sequence(steps)

    def _placed(self, unit: Noting, **limits: int) -> Step:
        name = f"u{unit.digit}"
        operation = Component(name, unit, image="img:1").predict()
        assert operation is not None
        metrics = UnitMetrics(self.registry, UnitLabels(unit=name))
        return placed(Lane(name, threads=1, **{"queue_length": 100, **limits}, metrics=metrics), operation)

    async def warm(self) -> None:
        """Calls begin in threads, and come into the event loop when they have turned out to be short."""
        for _ in range(8):
            await asyncio.gather(*(self.step(row(1), None) for _ in range(30)))  # type: ignore[arg-type]
        for unit in self.units:
            unit.sizes.clear()

    async def warm_alone(self) -> None:
        """The same, with requests that were alone."""
        for _ in range(8):
            await self.step(row(1), None)  # type: ignore[arg-type]
            await quiet()
        for unit in self.units:
            unit.sizes.clear()

    async def ask(self, *numbers: int) -> list[Any]:
        """What each request is answered; the first one is called for alone."""
        tasks = [asyncio.ensure_future(self.step(row(number), None)) for number in numbers]  # type: ignore[arg-type]
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        return [answer.data.tolist() if isinstance(answer, Payload) else answer for answer in answers]


async def quiet() -> None:
    """Turns of the event loop, so many that nobody is waited for any more."""
    for _ in range(5):
        await asyncio.sleep(0)


def row(number: int) -> Payload:
    return Payload(np.array([[number]]), Encoding.NDARRAY)


def answers_of(chain: Chain, *numbers: int) -> list[Any]:
    async def run() -> list[Any]:
        await chain.warm()
        return await chain.ask(*numbers)

    return asyncio.run(run())


def test_a_batch_stays_together() -> None:
    chain = Chain(Noting(1), Noting(2), Noting(3))
    assert answers_of(chain, 4, 5, 6, 7) == [[[4123]], [[5123]], [[6123]], [[7123]]]
    first, *others = [unit.sizes for unit in chain.units]
    assert sum(first) == 4
    assert len(first) <= 2
    assert others == [first, first]


def test_the_next_call_is_made_in_the_same_turn_of_the_event_loop() -> None:
    chain, turns = Chain(Noting(1), Noting(2)), []

    async def run() -> None:
        await chain.warm()
        loop, now = asyncio.get_running_loop(), 0

        def count() -> None:
            nonlocal now
            now += 1
            if now < 50:
                loop.call_soon(count)

        for unit in chain.units:
            unit.seen = lambda: turns.append(now)
        count()
        await chain.ask(1, 2, 3)

    asyncio.run(run())
    assert turns[::2] == turns[1::2]


def test_who_fails_in_the_middle_fails_alone() -> None:
    chain = Chain(Noting(1), Noting(2, refused=51), Noting(3))
    four, five, six = answers_of(chain, 4, 5, 6)
    assert (four, six) == ([[4123]], [[6123]])
    assert isinstance(five, ComponentFailed)
    assert sum(chain.units[2].sizes) == 2


def test_each_unit_counts_its_own_calls() -> None:
    chain = Chain(Noting(1), Noting(2, refused=51), Noting(3))
    before: dict[str, float] = {}

    async def run() -> None:
        await chain.warm()
        before.update({unit: scrape(chain.registry).value(COUNT, code="200", model_name=unit) for unit in units})
        await chain.ask(4, 5, 6)

    units = ("u1", "u2", "u3")
    asyncio.run(run())
    scraped = scrape(chain.registry)
    assert [scraped.value(COUNT, code="200", model_name=unit) - before[unit] for unit in units] == [3, 2, 2]
    assert scraped.value(COUNT, code="500", model_name="u2") == 1
    assert scraped.value("infergraph_queue_depth", unit="u2") == 0


def test_the_queue_of_a_later_unit_has_an_end_too() -> None:
    first, second = Noting(1), Noting(2)
    wide, narrow = Chain(first), Chain(second, queue_length=2)
    step = sequence([*wide.parts, *narrow.parts])

    async def run() -> list[Any]:
        await wide.warm()
        asked = [step(row(number), None) for number in range(5)]  # type: ignore[arg-type]
        return list(await asyncio.gather(*asked, return_exceptions=True))

    answers = asyncio.run(run())
    full = [answer for answer in answers if isinstance(answer, QueueFull)]
    assert full
    assert all(error.has_begun for error in full)  # the first unit has run: to send it again would run it twice
    assert all(isinstance(answer, Payload | QueueFull) for answer in answers)


def _cancel(task: "asyncio.Future[Any]") -> None:
    task.cancel()


def test_who_leaves_on_the_way_harms_nobody() -> None:
    chain = Chain(Noting(1), Noting(2))

    async def run() -> list[Any]:
        await chain.warm()
        leaving = asyncio.ensure_future(chain.step(row(9), None))  # type: ignore[arg-type]
        chain.units[0].seen = partial(_cancel, leaving)
        staying = asyncio.ensure_future(chain.step(row(8), None))  # type: ignore[arg-type]
        return list(await asyncio.gather(leaving, staying, return_exceptions=True))

    left, stayed = asyncio.run(run())
    assert isinstance(left, asyncio.CancelledError)
    assert stayed.data.tolist() == [[812]]


def test_more_units_than_one_turn_may_hold_are_still_one_chain() -> None:
    units = [Noting(number % 10) for number in range(2 * MOST_IN_A_ROW + 3)]
    step = sequence([part for unit in units for part in Chain(unit).parts])
    payload = Payload(np.zeros((1, 1), dtype=object), Encoding.NDARRAY)

    async def run() -> Any:
        return await step(payload, None)  # type: ignore[arg-type]

    assert len(asyncio.run(run()).data) == 1
    assert [len(unit.sizes) for unit in units] == [1] * len(units)


async def alone(chain: Chain, *numbers: int) -> list[Any]:
    """What requests are answered that come one after the other."""
    await chain.warm_alone()
    found = []
    for number in numbers:
        found += await chain.ask(number)
        await quiet()
    return found


def test_who_is_alone_is_answered_without_a_turn_of_the_event_loop() -> None:
    async def run() -> Any:
        chain = Chain(Noting(1), Noting(2), Noting(3))
        await chain.warm_alone()
        asking = chain.step(row(4), None)  # type: ignore[arg-type]
        with pytest.raises(StopIteration) as ended:
            asking.send(None)  # type: ignore[attr-defined]
        return ended.value.value.data.tolist()

    assert asyncio.run(run()) == [[4123]]


def test_who_comes_in_the_turn_of_one_alone_shares_the_next_call() -> None:
    async def run() -> list[Any]:
        await chain.warm_alone()
        return await chain.ask(1, 2, 3)

    chain = Chain(Noting(1), Noting(2))
    assert asyncio.run(run()) == [[[112]], [[212]], [[312]]]
    assert [unit.sizes for unit in chain.units] == [[1, 2], [1, 2]]


def test_who_is_alone_and_fails_harms_nobody() -> None:
    chain = Chain(Noting(1), Noting(2, refused=51))
    first, failed, last = asyncio.run(alone(chain, 4, 5, 6))
    assert (first, last) == ([[412]], [[612]])
    assert isinstance(failed, ComponentFailed)
    scraped = scrape(chain.registry)
    assert scraped.value(COUNT, code="500", model_name="u2") == 1
    assert scraped.value(COUNT, code="200", model_name="u2") == 8 + 2
    assert scraped.value("infergraph_queue_depth", unit="u2") == 0


def test_who_is_alone_at_first_and_not_at_a_later_unit_waits_there() -> None:
    async def run() -> tuple[Any, Any]:
        await chain.warm_alone()
        second = chain.parts[1](row(9), None)  # type: ignore[arg-type]
        with pytest.raises(StopIteration) as ended:
            second.send(None)  # type: ignore[attr-defined]
        (answer,) = await chain.ask(4)  # the second unit gathers who comes in this turn
        return ended.value.value.data.tolist(), answer

    chain = Chain(Noting(1), Noting(2))
    assert asyncio.run(run()) == ([[92]], [[412]])


class Choosy(Noting):
    """Takes no row that ends with a one."""

    def prepare(self, X: Any, names: Any) -> Any:
        if (X % 10 == 1).any():
            raise BadMessage("no ones")
        return X

    def predict_prepared(self, rows: Any) -> Any:
        return self.predict(rows, [])


def test_what_a_unit_refuses_counts_as_its_failure() -> None:
    chain = Chain(Choosy(5))
    (refused,) = asyncio.run(chain.ask(1))
    assert isinstance(refused, BadMessage)
    assert scrape(chain.registry).value(COUNT, code="400", model_name="u5") == 1
    assert chain.units[0].sizes == []
