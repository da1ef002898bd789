"""Models that fail in every way that leaves the process alive: their caller is told, and nobody else notices."""

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infergraph.graph.pace import PROBES
from tests.faults.components import NAMES
from tests.local.manifests import predictor, write
from tests.serving import Answer, Process, running

COMPONENTS = Path(__file__).with_name("components.py")
GOOD = {"data": {"ndarray": [[0, 1]]}}
OF_ALL_ROWS = {"complex numbers", "dates", "NaN"}
"""Answers of another type for all rows: a model that gives such must not say that its rows are independent."""
STATUS = {
    **dict.fromkeys(["None", "a generator"], 400),  # as the v1 wrapper answers
    **dict.fromkeys(["nothing", "fewer rows", "dates", "NaN", "odd keys"], 200),
    **dict.fromkeys(
        [name for name in NAMES if name.startswith(("a child", "a flood", "threads", "warn", "another"))], 200
    ),
    "output closed": 200,
}


@pytest.fixture(scope="module", params=["Faulty", "FaultyBatch"])
def process(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A process with such a model; it still drains in order at the end."""
    with running(manifest(tmp_path_factory.mktemp("faults"), request.param)) as process:
        yield process
        assert process.stop() == 0


def manifest(folder: Path, component: str) -> Path:
    """One component of those beside this file."""
    path = write(folder, predictor("p", component))
    shutil.copy(COMPONENTS, folder)
    return path


def neighbour(process: Process, answers: list[Answer]) -> threading.Thread:
    """Somebody else, who asks for something good in the same moment."""
    thread = threading.Thread(target=lambda: answers.append(process.predict(GOOD)))
    thread.start()
    return thread


@pytest.mark.parametrize("name", NAMES)
def test_its_caller_is_told_and_nobody_else_notices(
    request: pytest.FixtureRequest, process: Process, name: str
) -> None:
    if name in OF_ALL_ROWS and request.node.callspec.params["process"] == "FaultyBatch":
        pytest.skip("not a model whose rows are independent")
    faulty: Any = {"data": {"ndarray": [[NAMES.index(name), 1]]}}
    for place in ("in a thread", "in the event loop"):
        others: list[Answer] = []
        threads = [neighbour(process, others) for _ in range(3)]
        answer = process.predict(faulty)
        for thread in threads:
            thread.join()
        assert answer.status == STATUS.get(name, 500), place
        assert answer.headers["content-type"] == "application/json"
        assert answer.json if answer.status == 200 else answer.json["status"]["info"]
        assert [other.json["data"]["ndarray"] for other in others] == [[[0, 1]]] * 3, place
        for _ in range(PROBES + 1):  # short calls, after which the next one runs in the event loop
            assert process.predict(GOOD).json["data"]["ndarray"] == [[0, 1]]


@pytest.mark.parametrize("options", [(), ("--workers", "1")])
def test_signals_that_a_model_takes_are_taken_back(options: tuple[str, ...], tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Deaf"), *options) as process:
        pid = process.predict(GOOD).json["data"]["ndarray"][0][0]
        assert "SIGTERM" in process.wait_for("signals_taken_back")["signals"]
        if options:
            os.kill(pid, signal.SIGTERM)
            process.wait_for("worker_ready")
            assert process.predict(GOOD).json["data"]["ndarray"] != [[pid]]
        assert process.stop() == 0


def test_a_coroutine_that_sleeps_for_a_while_is_waited_for(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Sleeping"), "--workers", "1", "--heartbeat-s", "30") as process:
        (first,) = process.predict({"data": {"ndarray": [[0]]}}).json["data"]["ndarray"][0]
        slow: list[Answer] = []
        asking = threading.Thread(target=lambda: slow.append(process.predict({"data": {"ndarray": [[3]]}})))
        asking.start()
        assert process.predict({"data": {"ndarray": [[0]]}}).json["data"]["ndarray"] == [[first]]
        asking.join()
        assert slow[0].json["data"]["ndarray"] == [[first]]
        assert process.stop() == 0
