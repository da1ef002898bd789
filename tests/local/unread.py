"""A server whose output is read only when the test says so."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.local.manifests import predictor, write

COMPONENTS = '''
import logging
import os
import signal
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Numbered:
    """Prints as many lines of 1000 characters as the request says, on both streams, each with its number."""

    def __init__(self):
        self.count = 0

    def predict(self, X, names):
        for _ in range(int(X[0][0])):
            self.count += 1
            line = f"line {self.count} ".ljust(999, ".")
            print(line, flush=True)
            print(line, file=sys.stderr)
        return [[os.getpid()]]


class Native:
    """Writes past Python, as libraries in C do."""

    def predict(self, X, names):
        for _ in range(int(X[0][0])):
            os.write(1, b"native".ljust(999, b".") + b"\\n")
        return [[os.getpid()]]


class Glancing:
    """Prints a line, and leaves it to Python when that is written."""

    def predict(self, X, names):
        print("seen at once")
        return X


class Logging:
    """Logs as many lines of 1000 characters, each with its number."""

    def __init__(self):
        self.count = 0

    def predict(self, X, names):
        for _ in range(int(X[0][0])):
            self.count += 1
            logging.getLogger("flood").warning(f"line {self.count} ".ljust(999, "."))
        return [[os.getpid()]]


class Flooding:
    """Prints without end, and a line for each request beside it."""

    def __init__(self):
        threading.Thread(target=self.flood, daemon=True).start()

    def flood(self):
        while True:
            print("flood".ljust(99, "."))

    def predict(self, X, names):
        print("asked", file=sys.stderr)
        return [[os.getpid()]]


class Failing:
    """Prints more than anybody takes, and fails to load."""

    def __init__(self):
        for _ in range(4000):
            print("failing".ljust(999, "."))
            print("failing".ljust(999, "."), file=sys.stderr)
        raise RuntimeError("no such model")


class LongLine:
    """Prints one line of so many characters."""

    def predict(self, X, names):
        print("<" + "x" * int(X[0][0]) + ">", flush=True)
        return X


class Dying:
    """Says something on both streams, and crashes."""

    def predict(self, X, names):
        print("out: no newline at the end", end="", flush=True)
        os.write(2, b"terminate called\\n")
        os.kill(os.getpid(), signal.SIGABRT)


class Waiting:
    """Makes the file `entered`, and when `go` is there, prints and answers."""

    def predict(self, X, names):
        open(os.path.join(HERE, "entered"), "w").close()
        while not os.path.exists(os.path.join(HERE, "go")):
            time.sleep(0.005)
        time.sleep(0.2)
        print("x" * 100_000, flush=True)
        return X
'''
START_S = 50


class Unread:
    """A server, its two streams, and a way to ask it. Its log is read until it is ready, and then no more."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        assert process.stdout is not None
        assert process.stderr is not None
        self.stdout, self.stderr = process.stdout, process.stderr
        self.port = 0

    def read_until(self, event: str) -> dict[str, Any]:
        """The log event of this name, with everything before it."""
        for line in self.stdout:
            if line.startswith(b"{") and (found := json.loads(line))["event"] == event:
                return dict(found)
        raise AssertionError(f"it ended before {event}: {self.stderr.read().decode()}")

    def predict(self, number: int = 0) -> int:
        """The status of a prediction, for which the server has 30 s."""
        return self.ask("POST", "/api/v1.0/predictions", json.dumps({"data": {"ndarray": [[number]]}}))

    def ask(self, method: str, path: str, body: str | None = None) -> int:
        """The status of a request; 0 when the server ended in the middle of it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
        except ConnectionError:
            return 0
        else:
            return response.status
        finally:
            connection.close()

    @contextmanager
    def asking(self) -> Iterator[list[int]]:
        """A prediction beside the block: its status, when the block has ended."""
        statuses: list[int] = []
        thread = threading.Thread(target=lambda: statuses.append(self.predict()))
        thread.start()
        try:
            yield statuses
        finally:
            thread.join()

    @contextmanager
    def read(self) -> Iterator["tuple[Reading, Reading]"]:
        """Read both streams beside the block. All that they said is there when it, and the server, have ended."""
        out = Reading(self.stdout)
        found = out, out if self.stderr is self.stdout else Reading(self.stderr)
        try:
            yield found
            self.process.wait(START_S)
        finally:
            self.process.kill()
            for reading in found:
                reading.join()


class Reading(threading.Thread):
    """Reads one stream to its end."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream
        self._is_told = threading.Event()
        self.lines: list[str] = []
        self.start()

    def run(self) -> None:
        for line in self._stream:
            self.lines.append(line.decode().rstrip("\n"))
            if b"output_lost" in line:
                self._is_told.set()

    def wait_for_loss(self) -> None:
        """Until it is said that lines were lost: from then on, none are."""
        assert self._is_told.wait(START_S), self.lines[-3:]

    @property
    def numbers(self) -> list[int]:
        """Those of the lines that `Numbered` has printed, each of them whole."""
        found = [re.fullmatch(r"line (\d+) \.+", line) for line in self.lines if line.startswith("line")]
        assert all(match is not None and len(match[0]) == 999 for match in found)
        return [int(match[1]) for match in found if match is not None]

    @property
    def lost(self) -> list[int]:
        """How many lines each event says were lost."""
        events = [json.loads(line) for line in self.lines if line.startswith("{")]
        return [event["lines"] for event in events if event["event"] == "output_lost"]


@contextmanager
def unread(
    folder: Path, component: str, *options: str, streams: str = "pipes", merged: bool = False
) -> Iterator[Unread]:
    """`infergraph run` with a component of this folder, ready; its streams are ``pipes`` or ``sockets``."""
    with started(folder, component, *options, streams=streams, merged=merged) as process:
        server = Unread(process)
        url = server.read_until("listening")["url"]
        server.port = int(url.rpartition(":")[2])
        server.read_until("ready")
        yield server


@contextmanager
def started(
    folder: Path, component: str, *options: str, streams: str = "pipes", merged: bool = False
) -> Iterator["subprocess.Popen[bytes]"]:
    """The process of it, which ends with the block."""
    manifest = write(folder, predictor("p", component))
    (folder / "components.py").write_text(COMPONENTS)
    command = (sys.executable, "-m", "infergraph", "run", str(manifest), "--port", "0", "--grpc-port", "0", *options)
    ends = [_ends(streams) for _ in range(1 if merged else 2)]
    out, error = ends[0][1], ends[-1][1]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    process = subprocess.Popen(command, stdout=out, stderr=error, env=environment)
    for _, theirs in ends:
        os.close(theirs)
    files = [os.fdopen(ours, "rb") for ours, _ in ends]
    process.stdout, process.stderr = files[0], files[-1]
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for file in files:
            file.close()


def _ends(kind: str) -> tuple[int, int]:
    if kind == "pipes":
        return os.pipe()
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()
