"""Where the calls of a component run: short ones in the event loop, long ones in a thread of the component's own."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter, thread_time
from typing import Any

import numpy as np

from infergraph.components import Operation
from infergraph.errors import QueueFull
from infergraph.graph.pace import Pace
from infergraph.graph.running_calls import RUNNING
from infergraph.telemetry import UnitMetrics

Outcome = Callable[[Any, float], None]
"""Told what a call gave or raised, and how many seconds it took."""


class Lane:
    """The way of one component's calls.

    At most ``threads`` calls run at the same time, one unless the user asks for more, as in the v1 wrapper: a class
    that keeps something between ``predict`` and ``tags`` is never called twice at once. The others wait, at most
    ``queue_length`` of them. Where requests share a call, it has at most ``batch_rows`` rows. ``metrics`` are those of
    the unit.
    """

    def __init__(
        self,
        unit: str,
        *,
        threads: int,
        queue_length: int,
        batch_rows: int = 4096,
        metrics: UnitMetrics | None = None,
    ) -> None:
        self.unit = unit
        self.queue_length = queue_length
        self.batch_rows = batch_rows
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"unit-{unit}")
        self._limit = queue_length + threads
        self._count = 0  # calls that run or wait in threads
        self._lock = threading.Lock()
        self._threads = threads
        self._queues: list[Callable[[], int]] = []
        self.metrics = metrics or UnitMetrics()
        self.metrics.watch_queue(self._waiting)

    def add_queue(self, read: Callable[[], int]) -> None:
        """A queue before this lane: ``read`` says how many wait in it."""
        self._queues.append(read)

    def _waiting(self) -> int:
        return max(0, self._count - self._threads) + sum(read() for read in self._queues)

    def place(self, operation: Operation) -> Callable[[Any, Any], Awaitable[Any]]:
        """The step that runs an operation in the event loop or in a thread, as its last calls suggest."""
        if operation.is_async:
            return self._on_loop(operation)
        run, pace, calls = operation.run, Pace(), self.metrics.calls(operation.name)
        is_short, note = pace.is_short, pace.note

        async def step(question: Any, _: Any) -> Any:
            rows = _row_count(question)
            asked_s = perf_counter()
            try:
                if self._count or not is_short(rows):
                    answer, took_s = await self._in_thread(run, question, pace, rows)
                    all_s = perf_counter() - asked_s
                else:
                    try:
                        answer = run(question)
                    finally:
                        all_s = took_s = perf_counter() - asked_s
                        note(rows, took_s)
            except BaseException as error:
                calls.failed(perf_counter() - asked_s, error)
                raise
            calls.answered(rows, all_s, took_s)
            return answer

        step.starts_without_task = True  # type: ignore[attr-defined]
        return step

    def is_for_loop(self, pace: Pace, rows: int) -> bool:
        """Whether a call with so many rows may run in the event loop, and now."""
        return not self._count and pace.is_short(rows)

    def run(self, call: Callable[[], Any], pace: Pace, rows: int, outcome: Outcome) -> None:
        """Run a call, now in the event loop or in a thread, and tell the outcome in the event loop.

        No limit holds here: who calls this has one call at a time.
        """
        if self.is_for_loop(pace, rows):
            result, seconds = _measured(call)
            pace.note(rows, seconds)
            outcome(result, seconds)
            return
        loop = asyncio.get_running_loop()

        def tell(result: Any, seconds: float, processor_s: float) -> None:
            pace.note_in_thread(rows, seconds, processor_s)
            outcome(result, seconds)

        def run_in_thread() -> None:
            RUNNING.begin()
            processor_s = thread_time()
            try:
                result, seconds = _measured(call)
            finally:
                RUNNING.end()
            if not loop.is_closed():
                loop.call_soon_threadsafe(tell, result, seconds, thread_time() - processor_s)

        self._submit(run_in_thread)

    async def _in_thread(self, run: Callable[[Any], Any], question: Any, pace: Pace, rows: int) -> tuple[Any, float]:
        """The answer, and the seconds of the call alone."""
        if self._count >= self._limit:
            raise QueueFull(f"unit `{self.unit}` has {self._count} requests waiting or running; try again later")

        def noted() -> tuple[Any, float]:
            started, processor_s = perf_counter(), thread_time()
            RUNNING.begin()
            try:
                answer = run(question)
            finally:
                RUNNING.end()
                took_s = perf_counter() - started
                pace.note_in_thread(rows, took_s, thread_time() - processor_s)
            return answer, took_s

        return await asyncio.wrap_future(self._submit(noted))

    def _submit(self, call: Callable[[], Any]) -> "Future[Any]":
        with self._lock:
            self._count += 1
        future = self._executor.submit(call)
        future.add_done_callback(self._finished)
        return future

    def _finished(self, _: "Future[Any]") -> None:
        with self._lock:
            self._count -= 1

    def _on_loop(self, operation: Operation) -> Callable[[Any, Any], Awaitable[Any]]:
        calls = self.metrics.calls(operation.name)

        async def step(question: Any, _: Any) -> Any:
            asked_s = perf_counter()
            try:
                answer = await operation.run_async(question)
            except BaseException as error:
                calls.failed(perf_counter() - asked_s, error)
                raise
            took_s = perf_counter() - asked_s
            calls.answered(_row_count(question), took_s, took_s)
            return answer

        return step


def _measured(call: Callable[[], Any]) -> tuple[Any, float]:
    """What a call gives or raises, and its seconds."""
    started = perf_counter()
    result: Any
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001 - told to those who wait for it
        result = error
    return result, perf_counter() - started


def _row_count(question: Any) -> int:
    data = getattr(question, "data", None)
    return len(data) if isinstance(data, np.ndarray) and data.ndim else 1
