"""An outlet for several threads, which lets them wait for a reader that reads, and for no other."""

import select
import threading
from collections import deque

from infergraph.local.outlet import CHUNK_BYTES, Outlet


class Valve:
    """Whoever writes waits while the outlet is full and its reader reads. What waits is written by a thread."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self.begin_anew()

    def begin_anew(self) -> None:
        """Also in a fork, which has no thread of its parent's, and must not write what that writes."""
        self._lock = threading.RLock()
        self._late: deque[bytes] = deque()
        self._is_working = self._is_draining = False
        self._outlet.forget()

    def write(self, data: bytes) -> None:
        """Write, or drop when nobody reads; from a finalizer or a signal handler in the middle of this, too."""
        with self._lock:
            self._late.append(data)
            self._work()

    def finish(self) -> None:
        """Until everything is read, or nobody reads."""
        with self._lock:
            while 0 < (patience_s := self._outlet.patience_s) < float("inf"):
                self._wait(patience_s)

    def _work(self) -> None:
        if self._is_working:  # a finalizer: what it writes comes next
            return
        self._is_working = True
        try:
            self._outlet.flush()
            while self._late:
                self._put(self._late.popleft())
        finally:
            self._is_working = False
        if self._outlet.is_waiting and not self._is_draining:
            self._begin_to_drain()

    def _put(self, data: bytes) -> None:
        for begin in range(0, len(data), CHUNK_BYTES):
            while not self._outlet.takes:
                self._wait(self._outlet.patience_s)
            self._outlet.put(data[begin : begin + CHUNK_BYTES])

    def _begin_to_drain(self) -> None:
        self._is_draining = True
        try:
            threading.Thread(target=self._drain, name="output", daemon=True).start()
        except RuntimeError:  # the system grants no thread: the next line tries again
            self._is_draining = False

    def _drain(self) -> None:
        while self._is_draining:
            self._await_room(None)
            with self._lock:
                self._work()
                self._is_draining = self._outlet.is_waiting

    def _wait(self, limit_s: float) -> None:
        self._await_room(limit_s * 1000 + 1)
        self._outlet.flush()

    def _await_room(self, limit_ms: float | None) -> None:
        poll = select.poll()
        poll.register(self._outlet.descriptor, select.POLLOUT)
        poll.poll(limit_ms)
