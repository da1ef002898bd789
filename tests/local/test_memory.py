"""The memory of a process."""

import os
import subprocess
import sys

from infergraph.local.memory import resident_bytes


def test_what_a_process_holds() -> None:
    before = resident_bytes(os.getpid())
    assert before is not None
    held = b"x" * 100_000_000
    after = resident_bytes(os.getpid())
    assert after is not None
    assert 90_000_000 < after - before < 200_000_000
    assert len(held) == 100_000_000


def test_a_process_that_is_gone() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert resident_bytes(ended.pid) is None
