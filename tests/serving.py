"""A real `infergraph run` in a process of its own, and a plain HTTP client for it."""

import http.client
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

START_S = 50
ROOT = Path(__file__).parent.parent
ROWS = {"data": {"ndarray": [[5.1, 3.5, 1.4, 0.2]]}}


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Process:
    """A serving process and what it said so far."""

    def __init__(
        self,
        arguments: tuple[str, ...],
        env: Mapping[str, str],
        *,
        command: str = "run",
        folder: Path | None = None,
        launcher: tuple[str, ...] = (),
    ) -> None:
        self._start([*launcher, sys.executable, "-m", "infergraph", command, *arguments], env, folder)

    def _start(self, command: list[str], env: Mapping[str, str], folder: Path | None = None) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **env},
        )
        self.events: list[dict[str, Any]] = []
        self._queue: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._errors: list[str] = []
        self._readers = [threading.Thread(target=self._read_events), threading.Thread(target=self._read_errors)]
        for reader in self._readers:
            reader.start()
        self.port = 0
        self.grpc = ""
        self.metrics_port = 0

    def wait_for(self, event: str) -> dict[str, Any]:
        """The next log event of this name."""
        while True:
            line = self._queue.get(timeout=START_S)
            if line is None:
                raise AssertionError(f"it ended before {event!r}: {self.events} {self.errors}")
            if line["event"] == event:
                return line

    def listening(self, event: Mapping[str, Any]) -> None:
        """Where it listens."""
        self.port = int(event["url"].rpartition(":")[2])
        self.grpc = event.get("grpc", "")
        self.metrics_port = int(event.get("metrics", ":0").rpartition(":")[2])

    def request(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, port: int = 0
    ) -> Answer:
        """One request on a connection of its own. A body that is no bytes is sent as JSON."""
        data = body if body is None or isinstance(body, bytes | str) else json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=30)
        try:
            connection.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def predict(self, body: Any = ROWS, prefix: str = "", headers: Mapping[str, str] | None = None) -> Answer:
        """A prediction."""
        return self.request("POST", f"{prefix}/api/v1.0/predictions", body, headers)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Tell it to go, and wait: its exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Its exit code, once it has ended by itself."""
        code = self.process.wait(timeout=START_S)
        for reader in self._readers:
            reader.join()
        return code

    @property
    def errors(self) -> str:
        """What it wrote to stderr."""
        return "".join(self._errors)

    def _read_events(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if not line.startswith("{"):  # what a component prints
                continue
            event = json.loads(line)
            self.events.append(event)
            self._queue.put(event)
        self.process.stdout.close()
        self._queue.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self._errors.extend(self.process.stderr)
        self.process.stderr.close()


Started = TypeVar("Started", bound=Process)


@contextmanager
def ended(process: Started) -> Iterator[Started]:
    """A process, ended with the block whatever happens."""
    try:
        yield process
    finally:
        process.process.kill()
        process.wait()


@contextmanager
def until_ready(process: Started, *, is_ready: bool = True) -> Iterator[Started]:
    """A process that listens and is ready (or only listens), ended with the block whatever happens."""
    with ended(process):
        process.listening(process.wait_for("listening"))
        if is_ready:
            process.wait_for("ready")
        yield process


@contextmanager
def running(
    *arguments: str | Path,
    env: Mapping[str, str] | None = None,
    is_ready: bool = True,
    launcher: tuple[str, ...] = (),
) -> Iterator[Process]:
    """`infergraph run ARGUMENTS` on free ports, ready (or only listening), ended with the block whatever happens.

    A ``launcher`` is a command that becomes the one behind it.
    """
    process = Process((*map(str, arguments), "--port", "0", "--grpc-port", "0"), env or {}, launcher=launcher)
    with until_ready(process, is_ready=is_ready):
        yield process


@contextmanager
def microservice(
    folder: Path, *arguments: str, env: Mapping[str, str] | None = None, is_ready: bool = True
) -> Iterator[Process]:
    """`infergraph microservice ARGUMENTS` in a folder, on free ports, ready, ended with the block whatever happens."""
    ports = ("--http-port", "0", "--grpc-port", "0", "--metrics-port", "0")
    process = Process((*arguments, *ports), env or {}, command="microservice", folder=folder)
    with until_ready(process) if is_ready else ended(process):
        yield process


def failing(
    *arguments: str | Path, env: Mapping[str, str] | None = None, launcher: tuple[str, ...] = ()
) -> tuple[int, str]:
    """`infergraph run ARGUMENTS` that is expected to end by itself: exit code and stderr."""
    with ended(Process(("--grpc-port", "0", *map(str, arguments)), env or {}, launcher=launcher)) as process:
        return process.wait(), process.errors
