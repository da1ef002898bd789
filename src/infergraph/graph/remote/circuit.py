"""When a component that cannot be reached is tried again."""

from collections.abc import Callable
from time import monotonic

FAILURES = 5
"""Connections that fail in a row before calls are refused at once."""
FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 2.0


class Circuit:
    """Closed, calls go through. Open, after `FAILURES` in a row, they do not, but for one every now and then.

    The waits between those double from `FIRST_WAIT_S` to `LONGEST_WAIT_S`: a blip costs little, and so does a long
    outage. The first connection that is made, by whomever, closes it. No call holds a place: one that never ends keeps
    no other from trying.
    """

    __slots__ = ("_failures", "_next_try_s", "_now", "_wait_s")

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._failures = 0
        self._wait_s = FIRST_WAIT_S
        self._next_try_s: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls are refused."""
        return self._next_try_s is not None

    def wait_s(self) -> float:
        """How long a call has to wait, in seconds; who is told 0.0 has to try, as nobody else will for a while."""
        if self._next_try_s is None:
            return 0.0
        now_s = self._now()
        if now_s < self._next_try_s:
            return self._next_try_s - now_s
        self._wait_s = min(self._wait_s * 2, LONGEST_WAIT_S)
        self._next_try_s = now_s + self._wait_s
        return 0.0

    def failed(self) -> bool:
        """There was no connection. Returns whether that has opened it."""
        self._failures += 1
        if self.is_open or self._failures < FAILURES:
            return False
        self._next_try_s = self._now() + self._wait_s
        return True

    def connected(self) -> bool:
        """There was a connection, whatever came of it. Returns whether that has closed it."""
        was_open = self.is_open
        self._failures, self._wait_s, self._next_try_s = 0, FIRST_WAIT_S, None
        return was_open
