"""What a process holds that its forks would not have."""

import subprocess
import sys
import threading

from infergraph.local.unshared import Surroundings

QUIET = "from infergraph.local.unshared import Surroundings; print(Surroundings.now().reason_against_a_fork())"


def test_a_quiet_process_can_be_forked() -> None:
    done = subprocess.run([sys.executable, "-c", QUIET], capture_output=True, text=True, timeout=50, check=True)
    assert done.stdout == "None\n"


def test_a_thread_is_named() -> None:
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name="a watcher")
    thread.start()
    try:
        assert "a watcher" in str(Surroundings.now().reason_against_a_fork())
    finally:
        end.set()
        thread.join()


def test_a_connection_that_was_there_before_is_ours() -> None:
    code = (
        "import socket\n"
        "from infergraph.local.unshared import Surroundings\n"
        "one = socket.socket()\n"
        "before = Surroundings.now()\n"
        "print(before.reason_against_a_fork())\n"
        "another = socket.socket()\n"
        "print(before.reason_against_a_fork())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=True)
    assert done.stdout.splitlines() == ["None", "loading opened connections (1), which workers cannot share"]
