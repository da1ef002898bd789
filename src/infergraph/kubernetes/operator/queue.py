"""Which deployments are to be looked at, and when: each once, however often it was asked for."""

import asyncio
import heapq
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

from infergraph.kubernetes.operator.backoff import delay_s

Key = TypeVar("Key", bound=Hashable)
_NEVER: Final = float("inf")


class Agenda(Generic[Key]):
    """What is due, by a clock that the caller reads. Nothing in here waits.

    A key is taken by one worker at a time; one that is asked for meanwhile is due again when that worker is done.
    """

    def __init__(self, delay_s: Callable[[int], float] = delay_s) -> None:
        self._delay_s = delay_s
        self._due: dict[Key, float] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._count = 0
        self._taken: set[Key] = set()
        self._failures: dict[Key, int] = {}

    def __len__(self) -> int:
        """How many keys wait."""
        return len(self._due)

    def add(self, key: Key, at: float) -> None:
        """Look at it then, or earlier where that was said already."""
        if self._due.get(key, _NEVER) > at:
            self._due[key] = at
            if key not in self._taken:
                self._push(key, at)

    def take(self, now: float) -> Key | None:
        """A key that is due and that nobody has; None when there is none."""
        while self._heap and self._heap[0][0] <= now:
            at, _, key = heapq.heappop(self._heap)
            if self._due.get(key) == at and key not in self._taken:
                del self._due[key]
                self._taken.add(key)
                return key
        return None

    def late_s(self, now: float) -> float:
        """For how long the oldest key that is due has been waiting for somebody to take it."""
        return max((now - at for key, at in self._due.items() if key not in self._taken and at <= now), default=0.0)

    def next_at(self) -> float | None:
        """When there will be something to take; None when nothing waits."""
        return self._heap[0][0] if self._heap else None

    def done(self, key: Key) -> None:
        """The worker is done with a key, and all is well."""
        self._failures.pop(key, None)
        self._give_back(key)

    def failed(self, key: Key, now: float, *, least_s: float = 0.0) -> float:
        """The worker is done with a key that must be tried again: how many seconds from now."""
        self._failures[key] = self._failures.get(key, 0) + 1
        wait_s = max(self._delay_s(self._failures[key]), least_s)
        self.add(key, now + wait_s)
        self._give_back(key)
        return wait_s

    def _give_back(self, key: Key) -> None:
        self._taken.discard(key)
        if key in self._due:  # it was asked for while it was taken
            self._push(key, self._due[key])

    def _push(self, key: Key, at: float) -> None:
        self._count += 1  # keys that are due at the same time come in the order in which they were asked for
        heapq.heappush(self._heap, (at, self._count, key))


class WorkQueue(Generic[Key]):
    """An agenda by the event loop's clock."""

    def __init__(self) -> None:
        self._agenda: Agenda[Key] = Agenda()
        self._wakers: set[asyncio.Future[None]] = set()
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._agenda)

    def add(self, key: Key, after_s: float = 0.0) -> None:
        """Look at a key, now or in so many seconds."""
        self._agenda.add(key, _now() + after_s)
        self._wake()

    async def get(self) -> Key | None:
        """The next key, once one is due; None when the queue is closed."""
        while not self._is_closed:
            key = self._agenda.take(_now())
            if key is not None:
                return key
            await self._change()
        return None

    def done(self, key: Key) -> None:
        """All is well with it."""
        self._agenda.done(key)
        self._wake()

    def failed(self, key: Key, *, least_s: float = 0.0) -> float:
        """Try it again, later each time: in how many seconds."""
        wait_s = self._agenda.failed(key, _now(), least_s=least_s)
        self._wake()
        return wait_s

    def late_s(self) -> float:
        """For how long the oldest key that is due has been waiting for somebody to take it."""
        return self._agenda.late_s(_now())

    def close(self) -> None:
        """Nobody gets anything any more."""
        self._is_closed = True
        self._wake()

    async def _change(self) -> None:
        waker = asyncio.get_running_loop().create_future()
        self._wakers.add(waker)
        at = self._agenda.next_at()
        try:
            async with asyncio.timeout_at(at):
                await waker
        except TimeoutError:
            return
        finally:
            self._wakers.discard(waker)

    def _wake(self) -> None:
        for waker in self._wakers:
            if not waker.done():
                waker.set_result(None)


def _now() -> float:
    return asyncio.get_running_loop().time()
