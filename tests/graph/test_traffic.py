"""Traffic weights are exact, shadows are invisible."""

import asyncio
from typing import Any

import numpy as np
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from infergraph.errors import BadMessage
from infergraph.graph.context import Context
from infergraph.graph.copy_tasks import MAX_RUNNING
from infergraph.graph.schedule import spread
from infergraph.graph.shadow import Shadows, shadowed
from infergraph.graph.step import Executable
from infergraph.graph.traffic import ROUTING_KEY, split
from infergraph.payloads import Encoding, Feedback, Meta, Payload


def answering(name: str) -> Executable:
    async def predict(payload: Payload, _: Context) -> Payload:
        return Payload(name, Encoding.TEXT)

    async def feedback(feedback: Feedback, _: Context) -> Payload:
        return Payload(name, Encoding.TEXT)

    return Executable(predict, feedback)


QUESTION = Payload(np.array([[1.0]]), Encoding.NDARRAY)


@st.composite
def percentages(draw: st.DrawFn) -> list[int]:
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=1, max_size=5)))
    return [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]


@given(percentages(), st.integers(0, 200))
def test_any_hundred_turns_in_a_row_hold_the_exact_shares(weights: list[int], start: int) -> None:
    turns = spread(weights) * 3
    window = turns[start : start + 100]
    assert [window.count(index) for index in range(len(weights))] == weights


def test_shares_are_spread_evenly() -> None:
    turns = spread([75, 25])
    assert all(turns[start : start + 4].count(1) == 1 for start in range(0, 100, 4))


def chosen(executable: Executable, count: int) -> list[str]:
    async def run() -> list[str]:
        return [(await executable.predict(QUESTION, Context("p"))).data for _ in range(count)]

    return asyncio.run(run())


def test_a_hundred_to_nothing_sends_nothing_to_the_second() -> None:
    assert set(chosen(split([answering("a"), answering("b")], [100, 0]), 250)) == {"a"}


def test_a_lone_predictor_gets_everything_whatever_its_weight() -> None:
    lone = answering("a")
    assert split([lone], [0]) is lone


def test_feedback_finds_the_predictor_that_answered() -> None:
    executable = split([answering("a"), answering("b")], [100, 0])
    context = Context("p")

    async def run(routing: dict[str, int] | None) -> Any:
        nothing = Payload(np.empty(0), Encoding.NONE)
        response = Payload(np.empty(0), Encoding.NONE, meta=Meta(routing=routing))
        feedback = Feedback(request=nothing, response=response, truth=nothing, reward=1.0, message={})
        reply = await executable.feedback(feedback, context)
        return reply.data if reply else None

    asyncio.run(executable.predict(QUESTION, context))  # type: ignore[arg-type]
    assert context.routing == {ROUTING_KEY: 0}
    assert asyncio.run(run({ROUTING_KEY: 1})) == "b"
    assert asyncio.run(run(None)) == "a"
    with pytest.raises(BadMessage, match="There is no predictor 2"):
        asyncio.run(run({ROUTING_KEY: 2}))


class Seen:
    """A shadow that notes what it gets, spoils it, and fails."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    async def predict(self, payload: Payload, _: Context) -> Payload:
        self.values.append(payload.data.tolist())
        payload.data[:] = 0
        raise RuntimeError("the shadow fails")

    def executable(self) -> Executable:
        return Executable(self.predict, answering("shadow").feedback)


@pytest.mark.parametrize(("percent", "copies"), [(100, 200), (10, 20), (1, 2)])
def test_a_shadow_gets_its_share_and_changes_nothing(percent: int, copies: int) -> None:
    seen, shadows = Seen(), Shadows()

    async def same(payload: Payload, _: Context) -> Payload:
        return payload

    main = Executable(same, answering("main").feedback)
    executable = shadowed(main, seen.executable(), name="s", percent=percent, shadows=shadows)

    async def run() -> list[Payload]:
        answers = []
        for number in range(200):
            question = Payload(np.array([float(number)]), Encoding.NDARRAY)
            answers.append(await executable.predict(question, Context("p")))
            await asyncio.sleep(0)
        await shadows.drain(10)
        return answers

    with structlog.testing.capture_logs() as logs:
        answers = asyncio.run(run())
    assert [answer.data.tolist() for answer in answers] == [[float(number)] for number in range(200)]
    assert len(seen.values) == copies
    assert {log["event"] for log in logs} == {"shadow_failed"}


def test_a_shadow_that_falls_behind_loses_copies_and_delays_nobody() -> None:
    async def endless(payload: Payload, _: Context) -> Payload:
        await asyncio.Event().wait()
        return payload

    shadows = Shadows()
    shadow = Executable(endless, answering("s").feedback)
    executable = shadowed(answering("main"), shadow, name="s", percent=100, shadows=shadows)

    async def run() -> list[str]:
        answers = [(await executable.predict(QUESTION, Context("p"))).data for _ in range(MAX_RUNNING + 5)]
        await shadows.drain(0)
        return answers

    with structlog.testing.capture_logs() as logs:
        assert set(asyncio.run(run())) == {"main"}
    assert [log["dropped"] for log in logs] == [1, 2, 4]
