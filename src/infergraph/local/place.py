"""A place for one worker, which is kept filled."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from infergraph.errors import SetupError
from infergraph.local.backoff import Backoff
from infergraph.local.worker_process import WorkerProcess

log = structlog.get_logger("infergraph.workers")

MOST_CRASHES = 3
"""How often the first worker of a place may end without a word before it counts as one that cannot start."""


class Place:
    """Starts a worker, and another whenever that one is done with; the old one goes when the new one is ready."""

    def __init__(self, index: int, start: Callable[[int], Awaitable[WorkerProcess]]) -> None:
        self._index = index
        self._start = start
        self._backoff = Backoff()
        self._leaving = asyncio.Event()
        self._worker: WorkerProcess | None = None
        self._crashes = 0
        self.failures_are_told = False
        self.first: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        """What came of the first start: None when the worker was ready, else why it cannot start."""

    async def keep(self) -> None:
        """Until told to leave."""
        while not self._leaving.is_set():
            start_s, ready_s = await self._turn()
            if not self._leaving.is_set():
                await self._pause(self._backoff.delay_s(start_s=start_s, ready_s=ready_s))
        if not self.first.done():
            self.first.set_result("told to go while it was loading")

    def leave(self) -> None:
        """Start no more."""
        self._leaving.set()

    async def _turn(self) -> tuple[float, float]:
        """The time of one worker: how long it took to start, and then was ready until it was done with."""
        clock = asyncio.get_running_loop().time
        try:
            worker = await self._start(self._index)
        except OSError as error:
            self._note(f"no process can be started: {error.strerror or error}", is_final=True)
            return 0.0, 0.0
        except SetupError as error:  # of what is loaded for all workers
            if not self._leaving.is_set():
                self._note(str(error), is_final=True)
            return 0.0, 0.0
        await worker.settled.wait()
        if worker.announcement is None:
            if not self._leaving.is_set():
                sentence = worker.failure or f"a worker ended with {worker.why_ended} before it was ready"
                self._note(sentence, is_final=worker.failure is not None)
            return 0.0, 0.0
        self._take_over(worker)
        await worker.done_with.wait()
        return worker.ready_s - worker.started_s, clock() - worker.ready_s

    def _take_over(self, worker: WorkerProcess) -> None:
        if self._worker is not None:
            self._worker.leave(is_replaced=True)
        self._worker = worker
        if not self.first.done():
            self.first.set_result(None)

    def _note(self, sentence: str, *, is_final: bool) -> None:
        self._crashes += 1
        if not self.first.done() and (is_final or self._crashes >= MOST_CRASHES):
            self.first.set_result(sentence)
        elif self.failures_are_told:
            log.error("worker_failed", error=sentence)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._leaving.wait(), seconds)
