"""Natural batching: what gathers while a call runs, and that nobody notices but by the time it takes."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from structlog.testing import capture_logs

from infergraph.components import Component
from infergraph.errors import BadMessage, ComponentFailed, QueueFull
from infergraph.graph import batch_size
from infergraph.graph.batch import placed
from infergraph.graph.lane import Lane
from infergraph.payloads import Encoding, Meta, Payload
from tests.graph.graphs import compiled, unit


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, the size of a call is not limited by its time."""
    monkeypatch.setattr(batch_size, "WANTED_S", 1e6)


Step = Callable[[Any, Any], Awaitable[Any]]


def stepped(target: object, *, queue_length: int = 100, batch_rows: int = 4096) -> Step:
    operation = Component("u", target, image="img:1").predict()
    assert operation is not None
    return placed(Lane("u", threads=1, queue_length=queue_length, batch_rows=batch_rows), operation)


def rows(*values: Any, **fields: Any) -> Payload:
    return Payload(np.array([[value] for value in values]), Encoding.NDARRAY, **fields)


class Held:
    """Holds its first call until it is let go, and notes how many rows each call has."""

    rows_are_independent = True

    def __init__(self) -> None:
        self.has_begun, self.go = threading.Event(), threading.Event()
        self.sizes: list[int] = []

    def predict(self, X: Any, names: Any) -> Any:
        self.sizes.append(len(X))
        if len(self.sizes) == 1:
            self.has_begun.set()
            assert self.go.wait(20)
        if (X == 13).any():
            raise ValueError("unlucky")
        return X * 2

    transform_input = transform_output = predict


async def behind(target: Held, step: Step, *payloads: Payload, wait: bool = True) -> "list[asyncio.Task[Any]]":
    """Requests that have come while the first call runs; it is let go unless it shall ``wait``."""
    first = asyncio.ensure_future(step(rows(0), None))
    await asyncio.to_thread(target.has_begun.wait, 20)
    tasks = [first, *(asyncio.ensure_future(step(payload, None)) for payload in payloads)]
    await asyncio.sleep(0)  # each has asked
    if wait:
        target.go.set()
    return tasks


def outcome(answer: Any) -> Any:
    return answer.data.tolist() if isinstance(answer, Payload) else answer


def ask(target: Held, *payloads: Payload, **settings: Any) -> list[Any]:
    """What each of these is answered, asked for while a first call runs."""

    async def run() -> list[Any]:
        tasks = await behind(target, stepped(target, **settings), *payloads)
        return (await asyncio.gather(*tasks, return_exceptions=True))[1:]

    return [outcome(answer) for answer in asyncio.run(run())]


def test_those_who_come_while_a_call_runs_are_the_next_call() -> None:
    target = Held()
    assert ask(target, rows(1), rows(2, 3), rows(4)) == [[[2]], [[4], [6]], [[8]]]
    assert target.sizes == [1, 4]


def test_who_comes_alone_does_not_wait() -> None:
    target = Held()
    target.go.set()

    async def run() -> Any:
        return await stepped(target)(rows(5), None)

    assert outcome(asyncio.run(run())) == [[10]]


def test_batching_can_be_off() -> None:
    target = Held()
    ask(target, rows(1), rows(2), batch_rows=1)
    assert target.sizes == [1, 1, 1]


def test_no_more_rows_than_allowed_but_a_request_is_never_cut() -> None:
    target = Held()
    ask(target, rows(1, 1), rows(2, 2), rows(*[3] * 7), rows(4), batch_rows=3)
    assert target.sizes == [1, 2, 2, 7, 1]


def test_each_answer_is_of_its_own_request() -> None:
    def asked(number: int) -> Payload:
        encoding = Encoding.TENSOR if number % 2 else Encoding.NDARRAY
        return Payload(np.array([[number]]), encoding, meta=Meta(puid=str(number), tags={"n": number}))

    target = Held()

    async def run() -> list[Any]:
        return list(await asyncio.gather(*await behind(target, stepped(target), *map(asked, range(12)))))[1:]

    for number, answer in enumerate(asyncio.run(run())):
        assert answer.data.tolist() == [[2 * number]]
        assert answer.encoding is asked(number).encoding
        assert (answer.meta.puid, answer.meta.tags) == (str(number), {"n": number})
    assert len(target.sizes) < 12


def test_different_kinds_are_not_mixed_and_have_their_turns() -> None:
    target = Held()
    answers = ask(target, rows(1), rows(1.5), rows(2), rows(3, names=["a"]), rows(2.5), rows(True))
    assert answers == [[[2]], [[3.0]], [[4]], [[6]], [[5.0]], [[2]]]
    assert sorted(target.sizes) == [1, 1, 1, 2, 2]


def test_a_bad_row_fails_its_own_request_only() -> None:
    target = Held()
    answers = ask(target, *(rows(value) for value in (10, 11, 12, 13, 14, 15)))
    assert [type(answer) for answer in answers] == [list, list, list, ComponentFailed, list, list]
    assert answers[0] == [[20]]
    assert str(answers[3]) == "unlucky"


def test_who_leaves_before_the_call_has_no_part_in_it() -> None:
    target = Held()

    async def run() -> list[Any]:
        tasks = await behind(target, stepped(target), rows(13), rows(1), rows(2), wait=False)
        tasks[1].cancel()
        tasks[3].cancel()
        await asyncio.sleep(0)
        target.go.set()
        return list(await asyncio.gather(*tasks, return_exceptions=True))

    answers = asyncio.run(run())
    assert [type(answer) for answer in answers] == [Payload, asyncio.CancelledError, Payload, asyncio.CancelledError]
    assert target.sizes == [1, 1]


def test_who_leaves_while_the_call_runs_harms_nobody() -> None:
    target = Held()

    async def run() -> Any:
        step = stepped(target)
        (first,) = await behind(target, step, wait=False)
        first.cancel()
        await asyncio.sleep(0)
        target.go.set()
        return await step(rows(4), None)

    assert outcome(asyncio.run(run())) == [[8]]


def test_the_queue_has_an_end_and_who_has_left_takes_no_place() -> None:
    target = Held()

    async def run() -> list[Any]:
        step = stepped(target, queue_length=2)
        tasks = await behind(target, step, rows(1), rows(2), rows(3), wait=False)
        tasks[1].cancel()
        await asyncio.sleep(0)
        last = asyncio.ensure_future(step(rows(4), None))
        await asyncio.sleep(0)
        target.go.set()
        return list(await asyncio.gather(*tasks[1:], last, return_exceptions=True))

    answers = asyncio.run(run())
    assert [type(answer) for answer in answers] == [asyncio.CancelledError, Payload, QueueFull, Payload]
    assert str(answers[2]) == "unit `u` has 2 requests waiting; at most 2 may"


class Uneven(Held):
    """Answers one row whatever comes."""

    def predict(self, X: Any, names: Any) -> Any:
        return super().predict(X, names)[:1]


def test_a_model_that_is_not_by_rows_is_called_for_each_and_somebody_is_told() -> None:
    target = Uneven()
    with capture_logs() as logs:
        assert ask(target, rows(1), rows(2, 5), rows(3)) == [[[2]], [[4]], [[6]]]
    assert [(log["event"], log["why"]) for log in logs] == [
        ("batching_off", "asked for 3 requests, it gave 1 rows for 4")
    ]
    assert target.sizes == [1, 4, 1, 2, 1]


def test_an_error_nobody_thought_of_reaches_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise MemoryError("no room")

    target = Held()
    monkeypatch.setattr(np, "concatenate", broken)
    answers = ask(target, rows(1), rows(2))
    assert [type(answer) for answer in answers] == [MemoryError, MemoryError]


def test_a_refused_answer_is_of_its_own_request() -> None:
    class Picky(Held):
        def predict(self, X: Any, names: Any) -> Any:
            return [[None] if value == 3 else [value] for value in super().predict(X, names).ravel().tolist()]

    def refusing(payload: Payload, result: Any) -> Any:
        raise BadMessage("this one")

    target = Picky()
    operation = Component("u", target).predict()
    assert operation is not None
    answers = iter(["first", refusing, "third"])

    def answer(payload: Payload, result: Any) -> Any:
        made = next(answers)
        return made(payload, result) if callable(made) else made

    step = placed(Lane("u", threads=1, queue_length=9), msgspec.structs.replace(operation, answer=answer))

    async def run() -> list[Any]:
        return list(await asyncio.gather(*await behind(target, step, rows(1), rows(2)), return_exceptions=True))

    first, refused, third = asyncio.run(run())
    assert (first, type(refused), third) == ("first", BadMessage, "third")


X, y = load_iris(return_X_y=True)
LINEAR = LogisticRegression(max_iter=500).fit(X, y)
FOREST = RandomForestClassifier(5, random_state=0).fit(X, y)


class Model:
    rows_are_independent = True

    def __init__(self, model: Any) -> None:
        self._model = model

    def predict(self, X: Any, names: Any) -> Any:
        return self._model.predict_proba(X)


CELL = st.floats(0, 8)
BATCHES = st.lists(st.lists(st.tuples(CELL, CELL, CELL, CELL), min_size=1, max_size=4), min_size=1, max_size=12)


@settings(max_examples=30, deadline=None)
@given(BATCHES)
def test_everybody_gets_what_they_would_have_got_alone(requests: list[list[tuple[float, ...]]]) -> None:
    for model, tolerance in ((FOREST, 0.0), (LINEAR, 1e-12)):  # trees give the same bits, BLAS may not
        step = stepped(Model(model))

        async def run(step: Step = step) -> list[Any]:
            payloads = [Payload(np.array(request), Encoding.NDARRAY) for request in requests]
            return list(await asyncio.gather(*(step(payload, None) for payload in payloads)))

        for request, answer in zip(requests, asyncio.run(run()), strict=True):
            np.testing.assert_allclose(
                answer.data, model.predict_proba(np.array(request)), rtol=tolerance, atol=tolerance
            )


def of_held(target: Held, method: str) -> Step:
    operation = getattr(Component("u", target, image="img:1"), method)()
    return placed(Lane("u", threads=1, queue_length=100), operation)


@pytest.mark.parametrize("method", ["transform_input", "transform_output"])
def test_transformers_are_called_for_several_requests_too(method: str) -> None:
    target = Held()

    async def run() -> list[Any]:
        tasks = await behind(target, of_held(target, method), rows(1), rows(2, 3), rows(4))
        return [outcome(answer) for answer in await asyncio.gather(*tasks)]

    assert asyncio.run(run()) == [[[0]], [[2]], [[4], [6]], [[8]]]
    assert target.sizes == [1, 4]


class Shifted:
    """A transformer both ways."""

    rows_are_independent = True

    def transform_input(self, X: Any, names: Any) -> Any:
        return X + 100

    def transform_output(self, X: Any, names: Any) -> Any:
        return X + 1000


def test_every_request_through_a_chain_gets_its_own_answer() -> None:
    target = Held()
    graph = unit("after", "OUTPUT_TRANSFORMER", unit("before", "TRANSFORMER", unit("model", "MODEL")))
    step = compiled(graph, {"before": Shifted(), "model": target, "after": Shifted()}).predict

    async def run() -> list[Any]:
        tasks = await behind(target, step, *(rows(number) for number in range(1, 9)))
        return [outcome(answer) for answer in await asyncio.gather(*tasks)]

    assert asyncio.run(run()) == [[[2 * (number + 100) + 1000]] for number in range(9)]
    assert sum(target.sizes) == 9
