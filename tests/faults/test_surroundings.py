"""A process whose surroundings fail: no file descriptors left, nobody to read its log, no room to write it."""

import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import grpc
import pytest

from tests.faults.confined import READ_ONLY, full, launcher, little_shared_memory, no_shared_memory, read_only
from tests.local.manifests import predictor, write
from tests.ports import free_port
from tests.serving import ROWS, Process, failing, running
from tests.stubs import rows, seldon

FORM = (
    b'--b\r\nContent-Disposition: form-data; name="strData"; filename="f"\r\n\r\n' + b"x" * 3_000_000 + b"\r\n--b--\r\n"
)
FORM_HEADERS = {"Content-Type": "multipart/form-data; boundary=b"}


def test_no_file_descriptors_left(tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Echo"))) as process:
        assert process.predict(ROWS).status == 200
        resource.prlimit(process.process.pid, resource.RLIMIT_NOFILE, (64, 64))
        with ExitStack() as stack:
            for _ in range(100):
                stack.enter_context(socket.create_connection(("127.0.0.1", process.port), timeout=20))
        assert _status_once_there_is_room(process) == 200
        assert process.stop() == 0


def _status_once_there_is_room(process: Process) -> int:
    """The status of a prediction; connections are reset until the server has seen that the others are gone."""
    while True:
        try:
            return process.predict(ROWS).status
        except ConnectionError:
            time.sleep(0.02)


@pytest.mark.parametrize("options", [(), ("--workers", "2")])
def test_no_room_for_the_log(options: tuple[str, ...], tmp_path: Path) -> None:
    manifest = write(tmp_path, predictor("p", "Echo"))
    port = free_port()
    command = [sys.executable, "-m", "infergraph", "run", str(manifest), "--port", str(port), "--grpc-port", "0"]
    command += options
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen(command, stdout=full, stderr=full)
    try:
        assert _statuses_until_ready(port)[-1] == 200
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()


def _statuses_until_ready(port: int) -> list[int]:
    """What /ready says, asked again and again until it is 200 (or too often)."""
    statuses = []
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and 200 not in statuses:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", "/ready")
            statuses.append(connection.getresponse().status)
        except ConnectionRefusedError:
            time.sleep(0.05)  # it does not listen yet
        finally:
            connection.close()
    return statuses


Mount = Callable[[Path], str]


@pytest.mark.parametrize("options", [(), ("--workers", "2")])
@pytest.mark.parametrize("temporary", [read_only, full])
def test_no_file_can_be_made_anywhere(temporary: Mount, options: tuple[str, ...], tmp_path: Path) -> None:
    """The root file system is read-only, as in a hardened pod; the folder for what passes is so too, or it is full."""
    place, env = nowhere(temporary, tmp_path)
    manifest = write(tmp_path, predictor("p", "Echo"))
    with running(manifest, *options, launcher=place, env=env) as process:
        assert process.predict(ROWS).status == 200
        assert process.request("POST", "/api/v1.0/predictions", FORM, FORM_HEADERS).status == 200
        with grpc.insecure_channel(process.grpc) as channel:
            seldon(channel).Predict(rows([1]), timeout=20)
        assert process.stop() == 0
    warned = [event for event in process.events if event["event"] == "reload_by_signal_only"]
    assert len(warned) == ("--workers" in options)
    assert process.errors == ""


@pytest.mark.parametrize("temporary", [read_only, full])
def test_who_needs_a_file_says_so_in_one_sentence(temporary: Mount, tmp_path: Path) -> None:
    place, env = nowhere(temporary, tmp_path)
    manifest = write(tmp_path, predictor("p", "Echo"))
    for options in ((), ("--workers", "2")):
        code, errors = failing(manifest, "--port", "0", "--grpc-server", "native", *options, launcher=place, env=env)
        assert code == 1
        assert errors.startswith("infergraph: --grpc-server native needs a folder for a socket, and none can be made")
        assert errors.count("\n") == 1
    for command, said in {
        ("reload",): "infergraph: there is no folder for control sockets, and none can be made",
        (
            "draw",
            str(manifest),
            "--output",
            str(tmp_path / "graph.svg"),
        ): f"Error: {tmp_path}/graph.svg cannot be written",
    }.items():
        done = subprocess.run(
            [*place, sys.executable, "-m", "infergraph", *command],
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert done.stderr.startswith(said), done.stderr
        assert done.stderr.count("\n") == 1


def nowhere(temporary: Mount, folder: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    """A launcher and an environment, with which no file can be made."""
    passing = folder / "passing"
    passing.mkdir()
    mounts = (READ_ONLY, temporary(passing), no_shared_memory())
    return launcher(*mounts), {"TMPDIR": str(passing), "XDG_RUNTIME_DIR": str(passing)}


def test_little_shared_memory(tmp_path: Path) -> None:
    manifest = write(tmp_path, predictor("p", "Echo"))
    with running(manifest, "--workers", "2", launcher=launcher(little_shared_memory())) as process:
        assert process.predict(ROWS).status == 200
        assert process.stop() == 0


@pytest.mark.parametrize("options", [(), ("--workers", "2")])
def test_64_file_descriptors_from_the_start(options: tuple[str, ...], tmp_path: Path) -> None:
    limited = ("sh", "-c", 'ulimit -n 64 && exec "$@"', "sh")
    with running(write(tmp_path, predictor("p", "Echo")), *options, launcher=limited) as process:
        with ExitStack() as stack:
            for _ in range(100):
                stack.enter_context(socket.create_connection(("127.0.0.1", process.port), timeout=20))
        assert _status_once_there_is_room(process) == 200
        assert process.stop() == 0


def test_a_supervisor_without_file_descriptors_starts_a_worker_once_there_are_some(tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Echo")), "--workers", "1") as process:
        (first,) = [event["worker"] for event in process.events if event["event"] == "worker_ready"]
        resource.prlimit(process.process.pid, resource.RLIMIT_NOFILE, (8, 64))
        os.kill(first, signal.SIGKILL)
        assert "Too many open files" in process.wait_for("worker_failed")["error"]
        assert process.process.poll() is None
        resource.prlimit(process.process.pid, resource.RLIMIT_NOFILE, (64, 64))
        process.wait_for("worker_ready")
        assert _status_once_there_is_room(process) == 200
        assert process.stop() == 0
