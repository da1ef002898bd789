"""Metrics that are right with any number of workers."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from infergraph.local import worker_metrics
from infergraph.local.messages import Gathered, Measure
from infergraph.local.worker_metrics import WorkerMetrics
from infergraph.telemetry import Registry, Snapshot
from infergraph.telemetry.catalog import IN_FLIGHT, REFUSALS
from tests.local.test_supervisor import ASK, reload, which, workers
from tests.local.worker_components import manifest, write_components
from tests.serving import Process, running
from tests.telemetry.scraping import Scrape, scrape

COUNT = "seldon_api_executor_server_requests_seconds_count"


def scraped(process: Process) -> Scrape:
    answer = process.request("GET", "/metrics")
    assert answer.status == 200, answer
    return Scrape(answer.body.decode())


def test_every_worker_answers_for_all_and_what_is_gone_stays(tmp_path: Path) -> None:
    write_components(tmp_path)
    with running(manifest(tmp_path, "Which"), "--workers", "2") as process:
        both = set(workers(process, 2))
        asked = 0
        found: set[int] = set()
        while found != both or asked < 30:
            found.add(which(process)[0])
            asked += 1
            assert asked < 1000
        # A connection for each scrape: sometimes this worker answers, sometimes that.
        assert {scraped(process).value(COUNT, code="200", service="predictions") for _ in range(10)} == {asked}
        stats = process.request("GET", "/v2/models/stats").json["model_stats"][0]["inference_stats"]
        assert stats["success"]["count"] == asked
        assert "worker" not in {
            label for family in scraped(process).families for s in family.samples for label in s.labels
        }

        os.kill(next(iter(both)), signal.SIGKILL)
        process.wait_for("worker_ended")
        process.wait_for("worker_ready")
        after = scraped(process)
        assert after.value("infergraph_worker_restarts_total", reason="SIGKILL") == 1
        # What the killed one has counted since its last word is lost, and the scrapes above have made it say its word.
        assert after.value(COUNT, code="200", service="predictions") == asked

        assert reload(process).returncode == 0
        assert process.predict(ASK).status == 200
        process.wait_for("reloaded")
        assert scraped(process).value(COUNT, code="200", service="predictions") == asked + 1
        assert process.stop() == 0


def measured(refusals: int, in_flight: int) -> Snapshot:
    registry = Registry()
    registry.counter(REFUSALS, "d", "r").value = refusals
    registry.gauge(IN_FLIGHT, "d").value = in_flight
    return registry.snapshot()


def test_a_worker_that_does_not_answer_counts_with_what_it_said_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_metrics, "ANSWER_S", 0.05)

    async def run() -> tuple[list[Any], list[Any]]:
        asking: list[Any] = []
        hanging: list[Any] = []
        async with asyncio.TaskGroup() as tasks:
            metrics = WorkerMetrics(tasks)
            metrics.begin(1, asking.append)
            metrics.begin(2, hanging.append)
            metrics.note(2, measured(3, 4))
            metrics.gather(1, 7, measured(1, 1))
        metrics.end(2)
        async with asyncio.TaskGroup() as tasks:
            metrics._tasks = tasks
            metrics.gather(1, 8, measured(2, 0))
        return asking, hanging

    asking, hanging = asyncio.run(run())
    assert [type(message) for message in hanging] == [Measure]
    assert [(type(message), message.number) for message in asking] == [(Gathered, 7), (Gathered, 8)]
    first, second = (scrape(message.snapshot) for message in asking)
    assert [one.value(REFUSALS.name) for one in (first, second)] == [4, 5]
    assert [one.value(IN_FLIGHT.name) for one in (first, second)] == [5, 0]
