"""A server in a process of its own, and wrk that drives it."""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.servers.application import BODY, PATH

ROOT = Path(__file__).parents[2]
SCRIPT = 'wrk.method = "POST"\nwrk.body = [==[{body}]==]\nwrk.headers["Content-Type"] = "application/json"\n'


class Sample(NamedTuple):
    """What one run of wrk has measured."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    failed: int


class Target:
    """A server that runs."""

    def __init__(self, name: str, process: subprocess.Popen[str], port: int, script: Path) -> None:
        self.name = name
        self._process = process
        self._port = port
        self._script = script

    def drive(self, connections: int, seconds: int) -> Sample:
        """Ask from so many connections for so long."""
        before = self._cpu_s()
        url = f"http://127.0.0.1:{self._port}{PATH}"
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(self._script), url]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        count = int(_found(r"(\d+) requests in", text))
        failed = int(_found(r"Non-2xx or 3xx responses: (\d+)", text) or 0)
        failed += sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", text)))
        cpu_us = (self._cpu_s() - before) / max(count, 1) * 1e6
        rate = float(_found(r"Requests/sec:\s+([\d.]+)", text))
        return Sample(rate, _latency_ms("50%", text), _latency_ms("99%", text), cpu_us, failed)

    def _cpu_s(self) -> float:
        """User and system time of the process and of its children."""
        ticks = 0
        for pid in (self._process.pid, *_children(self._process.pid)):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def target(name: str) -> Iterator[Target]:
    """A server for a while."""
    command = [sys.executable, "-m", "benchmarks.servers.candidates", name]
    with TemporaryDirectory() as folder:
        script = Path(folder, "post.lua")
        script.write_text(SCRIPT.format(body=BODY.decode()))
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            one = Target(name, process, port, script)
            _check(port)
            one.drive(8, 1)  # warm
            yield one
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _check(port: int) -> None:
    """One question, whose answer must be right before many are counted."""
    wanted = json.loads(BODY)["data"]["ndarray"]
    for _ in range(100):
        try:
            with urlopen(f"http://127.0.0.1:{port}{PATH}", BODY, timeout=10) as answer:
                assert json.load(answer)["data"]["ndarray"] == wanted
        except URLError:  # not listening yet
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nobody listens on port {port}")


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else ""


def _latency_ms(share: str, text: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s)", text)
    assert found is not None, text
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]
