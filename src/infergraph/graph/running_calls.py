"""The calls that run in threads of this process, and since when: a deadlock in a model shows in nothing else."""

from collections.abc import Callable
from threading import get_ident
from time import monotonic


class RunningCalls:
    """Calls by the thread that they run in."""

    def __init__(self, clock_s: Callable[[], float] = monotonic) -> None:
        self._clock_s = clock_s
        self._since_s: dict[int, float] = {}

    def begin(self) -> None:
        """This thread begins a call."""
        self._since_s[get_ident()] = self._clock_s()

    def end(self) -> None:
        """The call of this thread is over."""
        del self._since_s[get_ident()]

    def longest_s(self) -> float:
        """How long the longest of them runs by now; 0 when none does."""
        now_s = self._clock_s()
        return max((now_s - since_s for since_s in list(self._since_s.values())), default=0.0)


RUNNING = RunningCalls()
