"""A real `infergraph run --workers --preload`: what is shared, what is not, and that nothing else changes."""

import os
import signal
import socket
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.local.manifests import predictor, write
from tests.local.test_supervisor import ending, hanging, reload, workers
from tests.serving import Process, failing, running

ARRAY_MB = 200
COMPONENTS = '''
import os, socket, threading
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def has(name):
    return os.path.exists(os.path.join(HERE, name))


class Large:
    """Loads 200 MB, and what the files beside it ask for."""

    def load(self):
        with open(os.path.join(HERE, "loads"), "a") as loads:
            loads.write(f"{os.getpid()} ")
        self.array = np.ones(25_000_000)
        if has("thread"):
            threading.Thread(target=threading.Event().wait, name="mine", daemon=True).start()
        if has("connection"):
            self.connection = socket.socket()
        if has("fail"):
            raise OSError("the disk is gone")
        if has("crash"):
            os._exit(7)
        if has("wait"):
            threading.Event().wait()

    def predict(self, X, names):
        while X[0][0] == "hang":
            pass
        if X[0][0] == "threads":
            from threadpoolctl import threadpool_info

            counts = [pool["num_threads"] for pool in threadpool_info()]
            return [[max(counts), os.environ["OMP_NUM_THREADS"]]]
        return [[os.getpid(), float(self.array.sum()), np.random.rand()]]
'''
ASK: Any = {"data": {"ndarray": [["which"]]}}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = write(tmp_path, predictor("p", "Large"))
    (tmp_path / "components.py").write_text(textwrap.dedent(COMPONENTS))
    return path


def ask(process: Process, what: str = "which") -> list[Any]:
    answer = process.predict({"data": {"ndarray": [[what]]}})
    assert answer.status == 200, answer
    row: list[Any] = answer.json["data"]["ndarray"][0]
    return row


def loads(folder: Path) -> list[int]:
    """The processes that have called `load`, in this order."""
    return [int(pid) for pid in (folder / "loads").read_text().split()]


def answers_of(process: Process, count: int) -> dict[int, list[Any]]:
    """An answer of each worker, asked until each has given one."""
    found: dict[int, list[Any]] = {}
    while len(found) < count:
        row = ask(process)
        found[row[0]] = row
    return found


def accepts(process: Process) -> bool:
    try:
        socket.create_connection(("127.0.0.1", process.port), timeout=20).close()
    except ConnectionRefusedError:
        return False
    return True


def test_workers_share_what_is_loaded_once(manifest: Path) -> None:
    with running(manifest, "--workers", "2", "--preload") as process:
        pids = workers(process, 2)
        told = next(event for event in process.events if event["event"] == "preloaded")
        assert told["workers"] == 2
        assert told["saved_mb"] > 0.9 * ARRAY_MB
        assert told["private_mb"] < 0.4 * ARRAY_MB
        rows = answers_of(process, 2)
        assert set(rows) == set(pids)
        assert {row[1] for row in rows.values()} == {25_000_000.0}
        assert len({row[2] for row in rows.values()}) == 2, "they draw the same random numbers"
        (server,) = loads(manifest.parent)
        assert server not in pids
        assert [event["event"] for event in process.events].count("unit_loaded") == 1
        with ending(server):
            assert process.stop() == 0
        assert process.errors == ""


def test_a_dead_worker_is_replaced_by_another_fork_and_a_reload_loads_anew(manifest: Path) -> None:
    with running(manifest, "--workers", "2", "--preload") as process:
        first = workers(process, 2)[0]
        os.kill(first, signal.SIGKILL)
        ended = process.wait_for("worker_ended")
        assert (ended["worker"], ended["reason"]) == (first, "SIGKILL")
        process.wait_for("worker_ready")
        assert len(answers_of(process, 2)) == 2
        (old,) = loads(manifest.parent)
        with ending(old):
            assert reload(process).returncode == 0
        assert len(loads(manifest.parent)) == 2
        assert process.stop() == 0


def test_workers_outlive_their_fork_server_and_the_next_one_starts_another(manifest: Path) -> None:
    with running(manifest, "--workers", "2", "--preload") as process:
        pids = workers(process, 2)
        (server,) = loads(manifest.parent)
        with ending(server):
            os.kill(server, signal.SIGKILL)
        assert set(answers_of(process, 2)) == set(pids)
        with ending(pids[0]):
            os.kill(pids[0], signal.SIGKILL)
        process.wait_for("worker_ended")
        process.wait_for("worker_ready")
        assert len(answers_of(process, 2)) == 2
        assert len(loads(manifest.parent)) == 2


def test_signals_to_everybody_let_it_drain(manifest: Path) -> None:
    with running(manifest, "--workers", "2", "--preload") as process:
        (server,) = loads(manifest.parent)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(server, number)
        assert process.stop() == 0


@pytest.mark.parametrize(
    ("file", "reason"),
    [("thread", "threads run once everything is loaded (mine)"), ("connection", "loading opened connections (1)")],
)
def test_what_does_not_survive_a_fork_is_loaded_in_each_worker(file: str, reason: str, manifest: Path) -> None:
    (manifest.parent / file).touch()
    with running(manifest, "--workers", "2", "--preload") as process:
        pids = workers(process, 2)
        told = [event["reason"] for event in process.events if event["event"] == "not_preloaded"]
        assert len(told) == 1
        assert told[0].startswith(reason)
        assert told[0].endswith("each worker loads for itself")
        assert set(pids) < set(loads(manifest.parent))
        assert set(answers_of(process, 2)) == set(pids)
        assert process.stop() == 0


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("fail", "unit `model`: load() raised OSError: the disk is gone"),
        ("crash", "the process that loads for all workers ended with exit code 7"),
    ],
)
def test_a_load_that_fails_ends_the_start_and_not_what_runs(file: str, sentence: str, manifest: Path) -> None:
    (manifest.parent / file).touch()
    assert failing(manifest, "--port", "0", "--workers", "2", "--preload") == (1, f"infergraph: {sentence}\n")
    (manifest.parent / file).unlink()
    with running(manifest, "--workers", "2", "--preload") as process:
        pids = workers(process, 2)
        (manifest.parent / file).touch()
        refused = reload(process)
        assert refused.returncode == 1
        assert sentence in refused.stderr
        assert set(answers_of(process, 2)) == set(pids)


def test_a_load_that_never_ends_can_be_given_up(manifest: Path) -> None:
    wait = manifest.parent / "wait"
    wait.touch()
    with running(manifest, "--workers", "2", "--preload", is_ready=False) as process:
        process.wait_for("unit_loading")
        assert process.stop() == 0
    wait.unlink()
    with running(manifest, "--workers", "2", "--preload") as process:
        wait.touch()
        process.process.send_signal(signal.SIGHUP)
        process.wait_for("unit_loading")
        wait.unlink()
        process.process.send_signal(signal.SIGHUP)
        assert "once more" in process.wait_for("reload_failed")["error"]
        assert process.wait_for("reloaded")["generation"] == 3


def test_nobody_listens_any_more_while_it_drains(manifest: Path) -> None:
    with running(manifest, "--workers", "1", "--preload") as process, hanging(process):
        process.process.send_signal(signal.SIGTERM)
        process.wait_for("draining")
        while accepts(process):  # the test's own limit ends it
            pass
        assert process.stop() == 1


def test_a_fork_that_hangs_says_where_and_is_replaced(manifest: Path) -> None:
    limits = ("--workers", "1", "--preload", "--heartbeat-s", "3", "--call-s", "1")
    with running(manifest, *limits) as process, hanging(process):
        assert "in predict" in process.wait_for("worker_stuck")["exception"]
        assert process.wait_for("worker_ended")["reason"] == "SIGKILL"
        process.wait_for("worker_ready")


def test_numeric_libraries_get_their_threads_after_the_fork(manifest: Path) -> None:
    threads = {"OMP_NUM_THREADS": "3", "OPENBLAS_NUM_THREADS": "3"}
    with running(manifest, "--workers", "1", "--preload", env=threads) as process:
        assert ask(process, "threads") == [3, "3"]


def test_a_model_of_scikit_learn_survives(iris_model: Path, tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "examples/iris/iris.yaml").read_text().replace("./model", str(iris_model))
    path = tmp_path / "iris.yaml"
    path.write_text(text)
    with running(path, "--workers", "2", "--preload") as process:
        assert [event["workers"] for event in process.events if event["event"] == "preloaded"] == [2]
        answer = process.predict()
        assert answer.status == 200
        assert abs(sum(answer.json["data"]["ndarray"][0]) - 1) < 1e-9


def test_it_needs_workers(manifest: Path) -> None:
    code, errors = failing(manifest, "--preload")
    assert code == 2
    assert "--workers N says how many" in errors
