"""What is measured of a graph while it runs."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest

from infergraph.components import Component
from infergraph.errors import ComponentFailed, QueueFull
from infergraph.graph import Context, batch_size
from infergraph.graph.batch import placed
from infergraph.graph.compile import compile_deployment
from infergraph.graph.copy_tasks import MAX_RUNNING
from infergraph.graph.lane import Lane
from infergraph.graph.shadow import Shadows
from infergraph.graph.step import Executable
from infergraph.graph.traffic import ROUTING_KEY, split
from infergraph.payloads import Encoding, Feedback, Meta, Payload
from infergraph.telemetry import DeploymentMetrics, Registry, UnitMetrics
from tests.telemetry.deployments import deployment
from tests.telemetry.scraping import Scrape, scrape

COUNT = "seldon_api_executor_client_requests_seconds_count"
NOTHING = Payload(np.empty(0), Encoding.NONE)
Step = Callable[[Any, Any], Awaitable[Any]]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, the size of a call is not limited by its time."""
    monkeypatch.setattr(batch_size, "WANTED_S", 1e6)


def payload(*values: float) -> Payload:
    return Payload(np.array([[value] for value in values]), Encoding.NDARRAY)


class Gated:
    """Waits in its first call until it is let go."""

    def __init__(self) -> None:
        self.has_begun, self.go = threading.Event(), threading.Event()

    def predict(self, X: Any, names: Any) -> Any:
        self.has_begun.set()
        assert self.go.wait(20)
        if (X == 13).any():
            raise ValueError("unlucky")
        return X


class Together(Gated):
    rows_are_independent = True


class Async:
    async def predict(self, X: Any) -> Any:
        await asyncio.sleep(0)
        return X


def stepped(target: object, registry: Registry, **fields: int) -> Step:
    operation = Component("u", target).predict()
    assert operation is not None
    lane = Lane("u", **{"threads": 1, "queue_length": 100, **fields}, metrics=UnitMetrics(registry))
    return placed(lane, operation)


async def held(target: Gated, step: Step, registry: Registry, questions: list[Payload]) -> tuple[Scrape, list[Any]]:
    """What is to be seen while the first call runs, and all answers."""
    tasks = [asyncio.ensure_future(step(questions[0], None))]
    await asyncio.to_thread(target.has_begun.wait, 20)
    tasks += [asyncio.ensure_future(step(question, None)) for question in questions[1:]]
    await asyncio.sleep(0)
    meanwhile = scrape(registry)
    target.go.set()
    return meanwhile, await asyncio.gather(*tasks, return_exceptions=True)


def seconds(scraped: Scrape, stage: str) -> tuple[float, float]:
    name = "infergraph_stage_seconds"
    return scraped.value(f"{name}_count", stage=stage), scraped.value(f"{name}_sum", stage=stage)


def test_calls_one_by_one() -> None:
    registry, target = Registry(), Gated()
    questions = [payload(1), payload(1, 2), payload(13)]
    meanwhile, answers = asyncio.run(held(target, stepped(target, registry), registry, questions))
    assert meanwhile.value("infergraph_queue_depth") == 2
    assert isinstance(answers[2], ComponentFailed)
    scraped = scrape(registry)
    assert scraped.value("infergraph_queue_depth") == 0
    assert (scraped.value(COUNT, code="200"), scraped.value(COUNT, code="500")) == (2, 1)
    assert scraped.value("infergraph_batch_rows_sum") == 3
    assert (seconds(scraped, "queue")[0], seconds(scraped, "compute")[0]) == (2, 2)
    assert seconds(scraped, "queue")[1] > 0 < seconds(scraped, "compute")[1]
    assert seconds(scraped, "batch") == (0, 0)


def test_calls_for_several_requests() -> None:
    registry, target = Registry(), Together()
    questions = [payload(1), payload(1, 2), payload(3)]
    meanwhile, _ = asyncio.run(held(target, stepped(target, registry), registry, questions))
    assert meanwhile.value("infergraph_queue_depth") == 2
    scraped = scrape(registry)
    assert scraped.value("infergraph_queue_depth") == 0
    assert scraped.value(COUNT, code="200") == 3
    assert [scraped.value(f"infergraph_batch_{of}_count") for of in ("rows", "requests")] == [2, 2]
    assert [scraped.value(f"infergraph_batch_{of}_sum") for of in ("rows", "requests")] == [4, 3]
    assert [seconds(scraped, stage)[0] for stage in ("queue", "batch", "compute")] == [3, 3, 3]
    assert seconds(scraped, "queue")[1] > 0
    assert seconds(scraped, "compute")[1] > 0


def test_one_that_fails_in_a_batch_fails_alone_in_the_metrics_too() -> None:
    registry, target = Registry(), Together()
    questions = [payload(1), payload(13), payload(3), payload(4)]
    asyncio.run(held(target, stepped(target, registry), registry, questions))
    scraped = scrape(registry)
    assert (scraped.value(COUNT, code="200"), scraped.value(COUNT, code="500")) == (3, 1)
    assert scraped.value("infergraph_batch_requests_sum") == 4


@pytest.mark.parametrize("kind", [Gated, Together])
def test_a_full_queue(kind: type[Gated]) -> None:
    registry, target = Registry(), kind()
    step = stepped(target, registry, queue_length=1)
    _, answers = asyncio.run(held(target, step, registry, [payload(1)] * 3))
    assert [isinstance(answer, QueueFull) for answer in answers] == [False, False, True]
    assert (scrape(registry).value(COUNT, code="200"), scrape(registry).value(COUNT, code="503")) == (2, 1)


def test_coroutines() -> None:
    registry = Registry()
    asyncio.run(stepped(Async(), registry)(payload(1, 2), None))  # type: ignore[arg-type]
    assert scrape(registry).value(COUNT, code="200") == 1
    assert scrape(registry).value("infergraph_batch_rows_sum") == 2


def test_a_deployment_measures_every_unit_of_every_predictor() -> None:
    registry, declared, shadows = Registry(), deployment(), Shadows()
    components = {p.name: {"model": Component("model", Async(), image="img:2")} for p in declared.spec.predictors}
    metrics = DeploymentMetrics(declared, registry, ROUTING_KEY)
    executable = compile_deployment(declared, components, shadows=shadows, metrics=metrics)

    async def run() -> None:
        for _ in range(4):
            await executable.predict(payload(1), Context("p"))
        await shadows.drain(5)

    asyncio.run(run())
    scraped = scrape(registry)
    calls = {
        name: scraped.value(COUNT, predictor_name=name, predictor_version=f"{name}-a", service="/predict")
        for name in ("hidden", "main", "canary")
    }
    assert calls["hidden"] == 4
    assert calls["main"] + calls["canary"] == 4


def test_copies_that_a_shadow_does_not_get_are_counted() -> None:
    registry, shadows = Registry(), Shadows()
    dropped = DeploymentMetrics(deployment(), registry).shadows_dropped("hidden")

    async def forever(_: Payload, __: Context) -> Payload:
        await asyncio.Event().wait()
        raise AssertionError

    async def run() -> None:
        for _ in range(MAX_RUNNING + 3):
            shadows.start("hidden", forever, NOTHING, Context("p"), dropped)
        await shadows.drain(0)

    asyncio.run(run())
    assert scrape(registry).value("infergraph_shadows_dropped_total", predictor_name="hidden") == 3


@pytest.mark.parametrize("chosen", [0, 1])
def test_feedback_says_which_predictor_took_it(chosen: int) -> None:
    async def same(payload: Payload, _: Context) -> Payload:
        return payload

    async def nothing(_: Feedback, __: Context) -> None:
        return None

    executable, context = split([Executable(same, nothing)] * 2, [50, 50]), Context("p")
    response = Payload(np.empty(0), Encoding.NONE, meta=Meta(routing={ROUTING_KEY: chosen}))
    feedback = Feedback(request=NOTHING, response=response, truth=NOTHING, reward=1.0, message={})
    asyncio.run(_fed(executable, feedback, context))
    assert context.timings.routing == {ROUTING_KEY: chosen}


async def _fed(executable: Executable, feedback: Feedback, context: Context) -> None:
    await executable.feedback(feedback, context)
