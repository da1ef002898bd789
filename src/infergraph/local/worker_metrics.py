"""The metrics of all workers together, as their supervisor keeps them."""

import asyncio
import itertools
from collections.abc import Callable, Iterable
from typing import Any

from infergraph.local.messages import Gathered, Measure
from infergraph.telemetry import Registry, Snapshot, merged, remains
from infergraph.telemetry.catalog import WORKER_RESTARTS

ANSWER_S = 1.0
"""How long a worker is waited for that is asked; of one that hangs, what it said last counts."""

Send = Callable[[Any], object]


class WorkerMetrics:
    """What each worker said last, what those that are gone have counted, and what the supervisor counts itself."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self._registry = Registry()
        self._workers: dict[int, Send] = {}
        self._last: dict[int, Snapshot] = {}
        self._gone = Snapshot()
        self._numbers = itertools.count(1)
        self._asked: dict[tuple[int, int], asyncio.Event] = {}

    def begin(self, pid: int, send: Send) -> None:
        """There is a worker, to which ``send`` sends messages."""
        self._workers[pid] = send

    def note(self, pid: int, snapshot: Snapshot, number: int = 0) -> None:
        """What a worker says, maybe because it was asked with this number."""
        self._last[pid] = snapshot
        if (asked := self._asked.get((pid, number))) is not None:
            asked.set()

    def gather(self, pid: int, number: int, snapshot: Snapshot) -> None:
        """A worker wants the metrics of all; the number is its own, and comes back with them."""
        self.note(pid, snapshot)
        self._tasks.create_task(self._gather(pid, number))

    def end(self, pid: int) -> None:
        """A worker is gone: what it has counted stays."""
        self._workers.pop(pid, None)
        if (last := self._last.pop(pid, None)) is not None:
            self._gone = merged([self._gone, remains(last)])

    def restarted(self, reason: str) -> None:
        """A worker ended that should not have."""
        self._registry.counter(WORKER_RESTARTS, reason).value += 1

    async def _gather(self, pid: int, number: int) -> None:
        others = [(other, send) for other, send in self._workers.items() if other != pid]
        await asyncio.gather(*(self._ask(other, send) for other, send in others))
        if (send := self._workers.get(pid)) is not None:
            send(Gathered(number, merged(self._all())))

    async def _ask(self, pid: int, send: Send) -> None:
        key = (pid, next(self._numbers))
        self._asked[key] = answered = asyncio.Event()
        send(Measure(key[1]))
        try:
            await asyncio.wait_for(answered.wait(), ANSWER_S)
        except TimeoutError:
            pass
        finally:
            del self._asked[key]

    def _all(self) -> Iterable[Snapshot]:
        return [self._registry.snapshot(), self._gone, *self._last.values()]
