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


FORKS = """
import os
from infergraph.local.memory import shared_by

held = b"x" * 100_000_000
reading, writing = os.pipe()
forks = []
for _ in range(2):
    if (pid := os.fork()) == 0:
        os.close(writing)
        os.read(reading, 1)  # until the other end is closed
        os._exit(0)
    forks.append(pid)
found = shared_by(forks, os.getpid())
print(found.saved, found.private, shared_by([], os.getpid()))
os.close(writing)
for pid in forks:
    os.waitpid(pid, 0)
print(shared_by(forks, os.getpid()))
"""


def test_two_forks_and_their_parent_hold_one_copy() -> None:
    done = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, timeout=50, check=True)
    (saved, private, of_nobody), (of_gone,) = (line.split() for line in done.stdout.splitlines())
    assert 95_000_000 < int(saved) < 150_000_000  # one copy where there would be two
    assert int(private) < 20_000_000
    assert (of_nobody, of_gone) == ("None", "None")
