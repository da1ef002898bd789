"""The processes of a server: started together, measured together, ended together whatever happens."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_CHILD_SUBREAPER = 36
TICKS = os.sysconf("SC_CLK_TCK")
TERM_S = 8  # how long a server may take to end in good order
KILL_S = 5


def adopt_orphans() -> None:
    """Let processes whose parent ends become children of ours, so that none gets out of sight."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


@contextlib.contextmanager
def started(
    commands: Sequence[Sequence[str]], *, folder: Path, env: Mapping[str, str], log: Path
) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Run commands, each in a session of its own. All that they started has ended when the block has."""
    with log.open("ab") as output:
        running: list[subprocess.Popen[bytes]] = []
        try:
            running.extend(_popen(command, folder, env, output) for command in commands)
            yield running
        finally:
            with _undisturbed():
                _end(running)


def _popen(
    command: Sequence[str], folder: Path, env: Mapping[str, str], output: IO[bytes]
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM back until the block has ended: an impatient second one must not leave servers behind."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def descendants() -> list[int]:
    """The processes below ours, by number."""
    children: dict[int, list[int]] = {}
    for number, parent in _parents():
        children.setdefault(parent, []).append(number)
    found, left = [], [os.getpid()]
    while left:
        below = children.get(left.pop(), [])
        found += below
        left += below
    return found


def pss_mb(numbers: Sequence[int]) -> float:
    """Their memory in MB, each shared page counted once over all who share it."""
    total_kb = 0
    for number in numbers:
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{number}/smaps_rollup").read_text()
            total_kb += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total_kb / 1024


def cpu_s(numbers: Sequence[int]) -> float:
    """The CPU time that they have taken, in seconds."""
    ticks = 0
    for number in numbers:
        with contextlib.suppress(OSError):
            ticks += sum(map(int, _stat(number)[11:13]))
    return ticks / TICKS


def _parents() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                yield int(folder.name), int(_stat(int(folder.name))[1])


def _stat(number: int) -> list[str]:
    """The fields of a process after its name, which may hold anything: state, parent, ..."""
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()


def _end(running: Sequence["subprocess.Popen[bytes]"]) -> None:
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)  # some leave their workers behind when they alone are told
    if not _all_ended(TERM_S):
        _all_ended(KILL_S, kill=True)


def _all_ended(seconds: float, *, kill: bool = False) -> bool:
    """Wait until nothing is left below us."""
    end = time.monotonic() + seconds
    while numbers := _reap():
        if time.monotonic() > end:
            return False
        for number in numbers if kill else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        time.sleep(0.05)
    return True


def _reap() -> list[int]:
    """Take leave of those that have ended: the rest."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return descendants()
