"""A model that wants 10 GB: refused where the system refuses them, else its worker is ended before all is full."""

import contextlib
import os
import resource
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.manifests import predictor, write
from tests.local.steady_load import steady_load
from tests.serving import Answer, Process, running

MB = 2**20
GB = 2**30
CGROUPS = Path("/sys/fs/cgroup")
COMPONENTS = '''
import os, threading, time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


class Greedy:
    """Takes 10 GB when it is asked to: at once, or piece by piece."""

    def predict(self, X, names):
        held = []
        if X[0][0] == "at once":
            held.append(np.ones(10 * 2**30, dtype=np.uint8))
        if X[0][0] == "by pieces":
            for _ in range(10 * 64):
                held.append(b"x" * 2**24)
                time.sleep(0.01)
        if X[0][0] == "in two steps":
            held.append(b"x" * 400 * 2**20)
            while not os.path.exists(os.path.join(HERE, "go")):
                time.sleep(0.01)
            held.append(b"x" * 400 * 2**20)
            threading.Event().wait()
        return [[os.getpid(), ""]]
'''


def manifest(folder: Path) -> Path:
    path = write(folder, predictor("p", "Greedy"))
    (folder / "components.py").write_text(COMPONENTS)
    return path


def ask(process: Process, what: str) -> Answer:
    return process.predict({"data": {"ndarray": [[what]]}})


def ready_workers(process: Process, count: int) -> list[int]:
    ready = [event["worker"] for event in process.events if event["event"] == "worker_ready"]
    while len(ready) < count:
        ready.append(process.wait_for("worker_ready")["worker"])
    return ready


@pytest.mark.parametrize("way", ["at once", "by pieces"])
@pytest.mark.parametrize("options", [(), ("--workers", "1")])
def test_what_the_system_refuses_is_the_models_error_and_the_process_goes_on(
    options: tuple[str, ...], way: str, tmp_path: Path
) -> None:
    with running(manifest(tmp_path), *options) as process:
        before = ask(process, "which").json["data"]["ndarray"][0][0]
        room = virtual_bytes(before) + GB
        resource.prlimit(before, resource.RLIMIT_AS, (room, room))
        refused = ask(process, way)
        assert refused.status == 500
        assert refused.json["status"]["reason"] == "MICROSERVICE_INTERNAL_ERROR"
        failed = process.wait_for("component_failed")
        assert "MemoryError" in failed["exception"]
        assert ask(process, "which").json["data"]["ndarray"][0][0] == before
        assert process.stop() == 0


@pytest.mark.timeout(120)
def test_a_worker_that_runs_away_is_ended_in_the_middle_of_its_call(tmp_path: Path) -> None:
    options = ("--workers", "2", "--worker-memory-bytes", str(300 * MB), "--heartbeat-s", "10")
    with running(manifest(tmp_path), *options) as process:
        ready_workers(process, 2)
        with steady_load(process.port, 4) as load:
            with pytest.raises(ConnectionError):
                ask(process, "by pieces")
            while not (outgrown := process.wait_for("worker_outgrown"))["is_killed"]:
                pass
            ended = process.wait_for("worker_ended")
            assert (ended["worker"], ended["reason"]) == (outgrown["worker"], "SIGKILL")
            assert outgrown["resident_bytes"] < 5 * GB
            load.wait_for_more(50)
        lost = [exchange for exchange in load.exchanges if exchange.status != 200]
        assert {(exchange.status, exchange.before) for exchange in lost} <= {(0, 0), (0, ended["worker"])}
        assert len(lost) <= 4
        assert process.stop() == 0


def test_a_worker_that_runs_away_while_it_is_being_replaced(tmp_path: Path) -> None:
    options = ("--workers", "1", "--worker-memory-bytes", str(350 * MB))
    with running(manifest(tmp_path), *options) as process:
        (first,) = ready_workers(process, 1)
        with socket.create_connection(("127.0.0.1", process.port), timeout=40) as client:
            body = b'{"data":{"ndarray":[["in two steps"]]}}'
            head = b"POST /api/v1.0/predictions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            client.sendall(head + b"content-length: %d\r\n\r\n%s" % (len(body), body))
            assert not process.wait_for("worker_outgrown")["is_killed"]
            assert process.wait_for("worker_ready")["worker"] != first
            (tmp_path / "go").touch()
            assert process.wait_for("worker_outgrown")["is_killed"]
            assert process.wait_for("worker_ended")["worker"] == first
            assert client.recv(1) == b""
        assert ask(process, "which").status == 200
        assert process.stop() == 0  # what ended long before has no part in how all ended


@pytest.mark.timeout(120)
def test_a_worker_that_the_kernel_kills_for_its_memory_is_replaced(tmp_path: Path) -> None:
    with running(manifest(tmp_path), "--workers", "2") as process:
        workers = ready_workers(process, 2)
        with contextlib.ExitStack() as stack:
            for worker in workers:
                stack.enter_context(little_memory(worker, 300 * MB))
            with steady_load(process.port, 4) as load:
                with pytest.raises(ConnectionError):
                    ask(process, "by pieces")
                ended = process.wait_for("worker_ended")
                assert ended["worker"] in workers
                assert ended["reason"] == "SIGKILL"
                assert process.wait_for("worker_ready")["worker"] not in workers
                load.wait_for_more(50)
            assert {exchange.status for exchange in load.exchanges} <= {200, 0}
            assert sum(exchange.status == 0 for exchange in load.exchanges) <= 4
            assert process.stop() == 0


def virtual_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()


@contextlib.contextmanager
def little_memory(pid: int, limit_bytes: int) -> Iterator[None]:
    """A memory cgroup of its own for a process; it has to be gone when the block ends."""
    is_first_kind = (CGROUPS / "memory").is_dir()
    group = (CGROUPS / "memory" if is_first_kind else CGROUPS) / f"infergraph-test-{pid}"
    limit = group / ("memory.limit_in_bytes" if is_first_kind else "memory.max")
    try:
        group.mkdir()
        limit.write_text(str(limit_bytes))
        (group / "cgroup.procs").write_text(str(pid))
    except OSError as error:
        with contextlib.suppress(OSError):
            group.rmdir()
        pytest.skip(f"no memory cgroup can be made here: {error}")
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 9)
        for _ in range(500):
            if not (group / "cgroup.procs").read_text():
                break
            time.sleep(0.01)
        group.rmdir()
