"""A process that is on a leash ends with whoever holds it."""

import subprocess
import sys
from pathlib import Path

import pytest

COMPONENT = """
class Echo:
    def predict(self, X, names):
        return X
"""
STUCK = """
import asyncio, signal, threading
from infergraph.local import leash

leash.ORPHAN_S, leash.ORPHAN_LOOK_S = 0.2, 0.01

async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: None)
    leash.leash_to_stdin()
    print("on a leash", flush=True)
    threading.Event().wait()

asyncio.run(main())
"""


def leashed(*command: str, folder: Path, until: str) -> "subprocess.Popen[str]":
    """A process that has said something; what reaches its end is its standard input."""
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, *command], cwd=folder, stdin=pipe, stdout=pipe, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if until in line:
            return process
    raise AssertionError(f"it ended before it said {until}")


@pytest.mark.parametrize("workers", [(), ("--workers", "1")])
def test_a_microservice_drains_when_its_input_ends(tmp_path: Path, workers: tuple[str, ...]) -> None:
    (tmp_path / "my.py").write_text(COMPONENT)
    flags = ("--ends-with-stdin", "--http-port", "0", "--metrics-port", "0", "--grpc-workers", "0", *workers)
    command = ("-m", "infergraph", "microservice", "my:Echo", *flags)
    process = leashed(*command, folder=tmp_path, until='"event":"ready"')
    out, _ = process.communicate(timeout=50)
    assert process.returncode == 0
    assert '"event":"draining"' in out


def test_an_event_loop_that_hangs_does_not_keep_it(tmp_path: Path) -> None:
    process = leashed("-c", STUCK, folder=tmp_path, until="on a leash")
    process.communicate(timeout=50)
    assert process.returncode == 1
