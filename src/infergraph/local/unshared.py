"""What a process holds that its forks would not have, or must not share."""

import threading
from pathlib import Path

import msgspec

TASKS = Path("/proc/self/task")
DESCRIPTORS = Path("/proc/self/fd")


class Surroundings(msgspec.Struct, frozen=True):
    """The sockets that were open at one moment, before anything was loaded."""

    sockets: frozenset[str]

    @classmethod
    def now(cls) -> "Surroundings":
        return cls(_sockets())

    def reason_against_a_fork(self) -> str | None:
        """Why forks of this process would not do what it does itself; None when they would.

        Threads are not there in a fork, and what they hold is locked for ever. A connection would be everybody's.
        """
        if len(list(TASKS.iterdir())) > 1:
            return f"threads run once everything is loaded ({_threads()}), and a fork has none of them"
        if len(opened := _sockets() - self.sockets) > 0:
            return f"loading opened connections ({len(opened)}), which workers cannot share"
        return None


def _threads() -> str:
    names = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    return ", ".join(names) or "of a library"


def _sockets() -> frozenset[str]:
    found = set()
    for entry in DESCRIPTORS.iterdir():
        try:
            found.add(str(entry.readlink()))
        except OSError:  # the one that this loop itself had open
            continue
    return frozenset(name for name in found if name.startswith("socket:"))
