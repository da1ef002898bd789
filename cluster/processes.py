"""The programs of the cluster as processes: each in its network, written down, and ended by what was written down.

A pid alone may be somebody else's by now; a pid and the time at which it began are not.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cluster.places import LOGS, NAMESPACE, RUN

_ENDS_WITHIN_S: Final = 10.0


class Failed(Exception):
    """What did not come up, and where it says why."""


def inside(*command: str | Path) -> list[str]:
    """A command in the cluster's network. `ip netns exec` would hide the control groups."""
    return ["nsenter", f"--net=/run/netns/{NAMESPACE}", *map(str, command)]


def start(name: str, *command: str | Path, flags: Mapping[str, object] = MappingProxyType({})) -> None:
    """Start a program that goes on when this one ends, where it does not run already."""
    if running(name) is not None:
        return
    said = [f"--{flag}={value}" for flag, value in flags.items()]
    LOGS.mkdir(parents=True, exist_ok=True)
    with (LOGS / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            inside(*command, *said), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    (RUN / f"{name}.pid").write_text(f"{process.pid} {_began(process.pid)}")


def stop(name: str) -> None:
    """End a program that was started, and wait for its end."""
    file = RUN / f"{name}.pid"
    pid = running(name)
    if pid is not None:
        _end(pid, lambda: running(name) is None)
    file.unlink(missing_ok=True)


def running(name: str) -> int | None:
    """The pid of a program that was started and runs; None where it does not."""
    try:
        pid, began = map(int, (RUN / f"{name}.pid").read_text().split())
    except (OSError, ValueError):
        return None
    return pid if _began(pid) == began else None


def end_children_of(needle: str) -> None:
    """End what containerd has started for us and does not end itself: shims that name our socket."""
    for pid in _naming(needle):
        _end(pid, lambda pid=pid: pid not in set(_naming(needle)))  # type: ignore[misc]


def wait_until(is_so: Callable[[], bool], what: str, *, seconds: float, program: str = "") -> None:
    """Ask again and again.

    :raises Failed: when it takes longer, or the program behind it ends.
    """
    end = time.monotonic() + seconds
    while not is_so():
        log = LOGS / f"{program}.log"
        if program and running(program) is None:
            raise Failed(f"{program} has ended:\n{_tail(log)}")
        if time.monotonic() > end:
            raise Failed(f"{what}: not after {seconds:.0f} s{f'; see {log}' if program else ''}")
        time.sleep(0.1)


def succeeds(command: Sequence[str | Path]) -> bool:
    """Whether a command says yes."""
    return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0


def _end(pid: int, is_gone: Callable[[], bool]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + _ENDS_WITHIN_S
        while not is_gone() and time.monotonic() < deadline:
            time.sleep(0.05)
        if is_gone():
            return


def _naming(needle: str) -> Iterator[int]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if b"containerd-shim" in words[0] and needle.encode() in words:
                    yield int(folder.name)


def _began(pid: int) -> int:
    """When a process began, in the kernel's ticks; 0 when there is none, or when it has ended and nobody has asked."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if after_name[0] == "Z" else int(after_name[19])


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
