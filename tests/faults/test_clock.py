"""A wall clock that jumps back and forth while a server runs: nothing that it decides depends on it."""

import http.client
import itertools
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from tests.faults.wrong_clock import WrongClock
from tests.local.manifests import predictor, write
from tests.local.steady_load import steady_load
from tests.serving import Process, running
from tests.stubs import rows, seldon
from tests.telemetry.scraping import Scrape

HOUR_S = 3600
DAY_S = 24 * HOUR_S
CENTURY_S = 36525 * DAY_S
JUMPS_S = (DAY_S, -DAY_S, -HOUR_S, 0, CENTURY_S, -55 * 365 * DAY_S)  # the last as of a board without a battery
COMPONENTS = '''
import os, threading, time


class Telling:
    """Says which process it is in and what time it is there; tells as a metric what it was asked."""

    def __init__(self, seconds=0.01):
        self.seconds = seconds

    def predict(self, X, names):
        time.sleep(self.seconds)
        self.asked = X[0][0]
        return [[os.getpid(), str(time.time())]]

    def metrics(self):
        return [] if isinstance(self.asked, str) else [{"key": "asked", "type": "GAUGE", "value": self.asked}]


class Held:
    def predict(self, X, names):
        threading.Event().wait(5)
        return X
'''


@pytest.fixture
def clock(tmp_path: Path) -> WrongClock:
    (tmp_path / "clock").mkdir()
    clock = WrongClock(tmp_path / "clock")
    if not clock.works():
        pytest.skip("no process can be given another clock here")
    return clock


@contextmanager
def jumping(clock: WrongClock) -> Iterator[threading.Event]:
    """It jumps ten times a second; the event is set when it has been everywhere."""
    told, been = threading.Event(), threading.Event()

    def jump() -> None:
        for number, offset_s in enumerate(itertools.cycle(JUMPS_S)):
            clock.jump(offset_s)
            if number >= 2 * len(JUMPS_S):
                been.set()
            if told.wait(0.1):
                return

    thread = threading.Thread(target=jump)
    thread.start()
    try:
        yield been
    finally:
        told.set()
        thread.join()


def manifest(folder: Path, component: str, **annotations: str) -> Path:
    path = write(folder, predictor("p", component), annotations={f"seldon.io/{k}": v for k, v in annotations.items()})
    (folder / "components.py").write_text(COMPONENTS)
    return path


def year(process: Process) -> float:
    """What the process takes for the time, in years since 1970."""
    answer = process.predict({"data": {"ndarray": [["when"]]}})
    return float(answer.json["data"]["ndarray"][0][1]) / (365.25 * DAY_S)


@pytest.mark.timeout(120)
def test_no_deadline_heartbeat_or_back_off_goes_by_it(tmp_path: Path, clock: WrongClock) -> None:
    path = manifest(tmp_path, "Telling", **{"rest-timeout": "20000", "grpc-timeout": "20000"})
    options = ("--workers", "2", "--heartbeat-s", "5")
    with running(path, *options, env=clock.environment) as process:
        with (
            steady_load(process.port, 8) as load,
            jumping(clock) as been,
            grpc.insecure_channel(process.grpc) as channel,
        ):
            assert been.wait(30)
            for _ in range(20):
                seldon(channel).Predict(rows([1]), timeout=20)
            load.wait_for_more(100)
        assert {exchange.status for exchange in load.exchanges} == {200}
        clock.jump(CENTURY_S)
        assert year(process) > 120
        killed = process.predict({"data": {"ndarray": [["which"]]}}).json["data"]["ndarray"][0][0]
        os.kill(killed, signal.SIGKILL)
        clock.jump(-DAY_S)
        assert process.wait_for("worker_ended")["worker"] == killed
        process.wait_for("worker_ready")
        assert not {"worker_stuck", "request_refused"} & {event["event"] for event in process.events}
        assert process.stop() == 0


@pytest.mark.parametrize("offset_s", [-DAY_S, DAY_S])
def test_a_deadline_comes_when_it_should(offset_s: int, tmp_path: Path, clock: WrongClock) -> None:
    path = manifest(tmp_path, "Held", **{"rest-timeout": "1000", "grpc-timeout": "1000"})
    with running(path, env=clock.environment) as process, grpc.insecure_channel(process.grpc) as channel:
        answers: list[Any] = []
        asking = threading.Thread(target=lambda: answers.append(process.predict()))
        asking.start()
        call = seldon(channel).Predict.future(rows([1]), timeout=30)
        clock.jump(offset_s)
        asking.join()
        assert answers[0].status == 504
        assert call.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert "1 s" in call.details()


def test_the_last_value_of_a_gauge_is_the_last_one(tmp_path: Path, clock: WrongClock) -> None:
    with running(manifest(tmp_path, "Telling"), "--workers", "2", env=clock.environment) as process:
        while sum(event["event"] == "worker_ready" for event in process.events) < 2:
            process.wait_for("worker_ready")
        with worker(process) as (first, ask):
            clock.jump(DAY_S)
            ask(1.0)
        with worker(process, but=first) as (_, ask):
            clock.jump(0)
            ask(2.0)
        assert Scrape(process.request("GET", "/metrics").body.decode()).value("asked") == 2.0


@contextmanager
def worker(process: Process, but: int = 0) -> Iterator[tuple[int, Callable[[Any], int]]]:
    """A connection to a worker that is not that one: its process id, and what asks it and returns the same."""
    connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=30)

    def ask(what: Any) -> int:
        body = json.dumps({"data": {"ndarray": [[what]]}})
        connection.request("POST", "/api/v1.0/predictions", body, {"Content-Type": "application/json"})
        pid: int = json.loads(connection.getresponse().read())["data"]["ndarray"][0][0]
        return pid

    try:
        while (pid := ask("which")) == but:
            connection.close()  # the next one may be another's
        yield pid, ask
    finally:
        connection.close()
