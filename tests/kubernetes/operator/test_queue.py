"""The queue, by a clock that the tests move."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from infergraph.kubernetes.operator.backoff import MOST_S, delay_s
from infergraph.kubernetes.operator.queue import Agenda, WorkQueue


def agenda() -> Agenda[str]:
    return Agenda(delay_s=lambda failures: float(2**failures))


def test_a_key_that_is_asked_for_again_and_again_is_given_once() -> None:
    queue = agenda()
    for at in (3.0, 1.0, 2.0):
        queue.add("a", at)
    assert len(queue) == 1
    assert queue.take(0.9) is None
    assert queue.take(1.0) == "a"
    queue.done("a")
    assert queue.take(100.0) is None


def test_a_key_is_nobody_elses_while_somebody_has_it() -> None:
    queue = agenda()
    queue.add("a", 0.0)
    assert queue.take(0.0) == "a"
    queue.add("a", 0.0)
    assert queue.take(0.0) is None
    queue.done("a")
    assert queue.take(0.0) == "a"


def test_keys_come_in_their_order() -> None:
    queue = agenda()
    for key in "cab":
        queue.add(key, 1.0)
    assert [queue.take(1.0) for _ in range(4)] == ["c", "a", "b", None]


def test_a_key_that_fails_waits_longer_each_time() -> None:
    queue = agenda()
    queue.add("a", 0.0)
    now = 0.0
    for wait_s in (2.0, 4.0, 8.0):
        assert queue.take(now) == "a"
        assert queue.failed("a", now) == wait_s
        assert queue.next_at() == now + wait_s
        now += wait_s
    assert queue.take(now) == "a"
    queue.done("a")
    queue.add("a", now)
    assert queue.take(now) == "a"
    assert queue.failed("a", now) == 2.0


def test_the_api_server_may_ask_for_more_time() -> None:
    queue = agenda()
    queue.add("a", 0.0)
    queue.take(0.0)
    assert queue.failed("a", 0.0, least_s=30.0) == 30.0


def test_a_change_is_looked_at_before_the_next_try() -> None:
    queue = agenda()
    queue.add("a", 0.0)
    queue.take(0.0)
    queue.failed("a", 0.0)
    queue.add("a", 0.5)
    assert queue.take(0.5) == "a"
    queue.done("a")
    assert queue.take(100.0) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["add", "take", "done", "failed"])), max_size=60))
def test_nothing_is_lost_and_nothing_is_had_twice(steps: list[tuple[str, str]]) -> None:
    queue, asked, had = agenda(), set(), set()
    for now, (key, step) in enumerate(steps):
        match step:
            case "add":
                queue.add(key, now)
                asked.add(key)
            case "take" if (taken := queue.take(now)) is not None:
                assert taken not in had
                assert taken in asked
                had.add(taken)
                asked.discard(taken)
            case "done" if key in had:
                queue.done(key)
                had.discard(key)
            case "failed" if key in had:
                queue.failed(key, now)
                had.discard(key)
                asked.add(key)
    for key in had:
        queue.done(key)
    rest = set()
    while (taken := queue.take(1e9)) is not None:
        rest.add(taken)
    assert rest == asked


def test_waits_grow_to_five_minutes() -> None:
    waits = [delay_s(failures) for failures in range(1, 40)]
    assert 0.5 <= waits[0] <= 0.6
    assert all(MOST_S <= wait <= MOST_S * 1.2 for wait in waits[12:])


def test_workers_get_what_comes_later() -> None:
    async def play() -> list[str | None]:
        queue: WorkQueue[str] = WorkQueue()
        found: list[str | None] = []

        async def work() -> None:
            key: str | None = ""
            while key is not None:
                key = await queue.get()
                found.append(key)
                if key == "b":
                    queue.close()

        workers = [asyncio.create_task(work()) for _ in range(2)]
        await asyncio.sleep(0)
        queue.add("b", after_s=0.01)
        queue.add("a")
        await asyncio.gather(*workers)
        return found

    assert asyncio.run(play()) == ["a", "b", None, None]
