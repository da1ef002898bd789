"""Models that end their process, under load: the worker is replaced, and only what it had in hand is lost."""

import http.client
import json
from pathlib import Path

import pytest

from tests.faults.outcome import Kill, Outcome
from tests.faults.steady_killing import CONNECTIONS, run
from tests.faults.wire import HUNG, LOST, Exchange
from tests.local.manifests import predictor, write
from tests.local.steady_load import HEADERS, steady_load
from tests.serving import Process, running

CLIENTS = 16
COMPONENTS = '''
import ctypes, os, signal

ENDINGS = {
    "SIGKILL": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "SIGSEGV": lambda: ctypes.string_at(0),
    "SIGABRT": os.abort,
    "exit code 3": lambda: os._exit(3),
    "exit code 0": lambda: os._exit(0),
}


class Ending:
    """Ends its process in the way that a request names."""

    def predict(self, X, names):
        if X[0][0] in ENDINGS:
            ENDINGS[X[0][0]]()
        return [[os.getpid(), "a"]]
'''
ENDINGS = ("SIGKILL", "SIGSEGV", "SIGABRT", "exit code 3", "exit code 0")


def ask(process: Process, what: str) -> None:
    """A request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=30)
    try:
        connection.request("POST", "/api/v1.0/predictions", json.dumps({"data": {"ndarray": [[what]]}}), HEADERS)
        connection.getresponse()
    finally:
        connection.close()


@pytest.mark.timeout(180)
def test_every_way_to_end_a_worker_under_load(tmp_path: Path) -> None:
    manifest = write(tmp_path, predictor("p", "Ending"))
    (tmp_path / "components.py").write_text(COMPONENTS)
    with running(manifest, "--workers", "2") as process, steady_load(process.port, CLIENTS) as load:
        for ending in ENDINGS * 2:
            load.wait_for_more(3 * CLIENTS)
            before = len(load.exchanges)
            with pytest.raises((http.client.HTTPException, OSError)):  # nobody is left who could answer
                ask(process, ending)
            assert process.wait_for("worker_ended")["reason"] == ending
            process.wait_for("worker_ready")
            load.wait_for_more(3 * CLIENTS)
            lost = [exchange.status for exchange in load.exchanges[before:] if exchange.status != 200]
            assert set(lost) <= {0}  # closed, and nothing else
            assert len(lost) <= CLIENTS
        load.stop()
        assert process.stop() == 0


@pytest.mark.timeout(180)
def test_workers_killed_one_after_the_other_take_only_what_they_had_in_hand(tmp_path: Path) -> None:
    outcome = run(tmp_path, kills=8)
    assert len({kill.worker for kill in outcome.kills}) == 8
    assert {kill.way for kill in outcome.kills} == {"SIGKILL", "SIGSEGV", "os._exit"}
    assert len(outcome.exchanges) > 8 * CONNECTIONS
    assert outcome.innocent == []
    assert sum(outcome.lost.values()) > 0
    assert max(outcome.lost.values()) <= CONNECTIONS  # nobody loses two requests to one end


def test_who_is_innocent() -> None:
    kill = Kill("SIGKILL", worker=7, begun_s=10.0, done_s=10.1)
    mine, others = Exchange(1, 10, 10.1, LOST, 7), Exchange(1, 10, 10.1, LOST, 8)
    before, after = Exchange(1, 5, 6, LOST, 0), Exchange(11, 11, 11.1, LOST, 0)
    hung, refused = Exchange(1, 5, 15, HUNG, 7), Exchange(1, 10, 10.1, 503, 7)
    outcome = Outcome([mine, others, before, after, hung, refused], [kill], 20)
    assert outcome.innocent == [others, before, after, hung, refused]
    assert outcome.lost == {kill: 1}
