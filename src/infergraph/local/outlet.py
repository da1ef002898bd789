"""Where output leaves the process: what its reader does not take now waits, and at the end is lost and counted."""

import os
import select
import stat
from collections.abc import Callable
from time import monotonic

from infergraph.telemetry.logs import event_line, event_now

CHUNK_BYTES = 1 << 16
"""As much as a pipe holds."""
WAITING_BYTES = 1 << 20
"""What may wait for the reader."""
STALL_S = 1.0
"""A reader that takes nothing for so long is not waited for; one that reads, however slowly, loses nothing."""


class Outlet:
    """One descriptor that others may write to as well. Nothing here ever blocks.

    It takes anything as long as it has room. Without room it takes only when its reader has stalled, and drops that:
    by whole lines, so that what is read later can be. Who writes waits until it `takes`.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor, self._write = _opened(descriptor)
        self._waiting = bytearray()
        self._moved_s = monotonic()
        self._lost = 0
        self._is_in_lost_line = False

    @property
    def is_waiting(self) -> bool:
        """Whether something waits for the reader."""
        return bool(self._waiting)

    @property
    def patience_s(self) -> float:
        """How long the reader has until it counts as stalled; for ever when it has nothing to read."""
        return max(self._moved_s + STALL_S - monotonic(), 0.0) if self._waiting else float("inf")

    @property
    def takes(self) -> bool:
        """Whether `put` may be called."""
        return self._has_room or self.patience_s == 0

    @property
    def _has_room(self) -> bool:
        return len(self._waiting) < WAITING_BYTES

    def put(self, data: bytes) -> None:
        """Write, now or when the reader reads, or drop."""
        if self._lost or not self._has_room:  # what comes after a loss waits until that can be told
            self._drop(data)
            return
        if self._is_in_lost_line:
            end = data.find(b"\n") + 1
            self._drop(data[:end] if end else data)
            data = data[end:] if end else b""
        if not self._waiting:
            self._moved_s = monotonic()
        self._waiting += data
        self.flush()

    def flush(self) -> None:
        """Write what waits, as far as it is taken."""
        while self._waiting:
            try:
                taken = self._write(self.descriptor, self._waiting[:CHUNK_BYTES])
            except BlockingIOError:
                return
            except OSError:  # nobody will ever read it: no reason to fail a request
                self._lost = 0
                self.forget()
                return
            self._note_taken(taken)

    def forget(self) -> None:
        """What waits is written by nobody, or by somebody else."""
        self._waiting.clear()

    def _note_taken(self, count: int) -> None:
        del self._waiting[:count]
        self._moved_s = monotonic()
        if self._lost and self._has_room:
            self._waiting += event_line(event_now("warning", "output_lost", lines=self._lost))
            self._lost = 0

    def _drop(self, data: bytes) -> None:
        if not self._is_in_lost_line:
            self._lost += 1
            self._end_last_line()
        self._lost += data.count(b"\n", 0, -1)
        self._is_in_lost_line = not data.endswith(b"\n")

    def _end_last_line(self) -> None:
        """What waits ends with a whole line: the beginning of one is lost with it, unless nothing else waits."""
        if not self._waiting.endswith(b"\n"):
            end = self._waiting.rfind(b"\n") + 1
            del self._waiting[end or len(self._waiting) :]
            self._waiting += b"" if end else b"\n"


def may_stall(descriptor: int) -> bool:
    """Whether it leads to a reader that is no terminal, where a person may stop the output."""
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _opened(descriptor: int) -> tuple[int, Callable[[int, bytearray], int]]:
    """A descriptor of our own, as a component may close that one, and what writes as much as is taken at once.

    O_NONBLOCK of the descriptor itself would be everybody's who has it.
    """
    try:
        return os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK), os.write
    except OSError:  # a socket, or not on Linux, or another user's pipe as in a pod, or nobody reads it
        return os.dup(descriptor), write_if_there_is_room


def write_if_there_is_room(descriptor: int, data: bytearray) -> int:
    """Write as much as there is surely room for. It may wait when another process fills a pipe in this moment.

    :raises BlockingIOError: when it has none.
    """
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    if not poll.poll(0):
        raise BlockingIOError
    return os.write(descriptor, data[: select.PIPE_BUF])
