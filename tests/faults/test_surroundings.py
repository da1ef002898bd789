"""A process whose surroundings fail: no file descriptors left, nobody to read its log, no room to write it."""

import http.client
import resource
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from tests.local.manifests import predictor, write
from tests.serving import ROWS, Process, running


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


def test_no_room_for_the_log(tmp_path: Path) -> None:
    manifest = write(tmp_path, predictor("p", "Echo"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "infergraph", "run", str(manifest), "--port", str(port), "--grpc-port", "0"]
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
