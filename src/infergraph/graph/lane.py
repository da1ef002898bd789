"""Where the calls of a component run: short ones in the event loop, long ones in a thread of the component's own."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter
from typing import Any

from infergraph.components import Operation
from infergraph.errors import QueueFull

SHORT_S = 0.001  # a call as short as this may hold the event loop
PROBES = 5  # so many short calls in a row, and the next one runs in the event loop


class Lane:
    """The way of one component's calls.

    At most ``threads`` calls run at the same time, one unless the user asks for more, as in the v1 wrapper: a class
    that keeps something between ``predict`` and ``tags`` is never called twice at once. The others wait, at most
    ``queue_length`` of them.
    """

    def __init__(self, unit: str, *, threads: int, queue_length: int) -> None:
        self._unit = unit
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"unit-{unit}")
        self._limit = queue_length + threads
        self._count = 0  # calls that run or wait in threads
        self._lock = threading.Lock()

    def place(self, operation: Operation) -> Callable[[Any, Any], Awaitable[Any]]:
        """The step that runs an operation in the event loop or in a thread, as its last calls suggest."""
        if operation.is_async:
            return _on_loop(operation)
        run = operation.run
        short_calls = 0

        def note(started: float) -> None:
            nonlocal short_calls
            short_calls = short_calls + 1 if perf_counter() - started < SHORT_S else 0

        def noted(question: Any) -> Any:
            started = perf_counter()
            try:
                return run(question)
            finally:
                note(started)

        async def step(question: Any, _: Any) -> Any:
            if short_calls < PROBES or self._count:
                return await self._in_thread(noted, question)
            started = perf_counter()
            try:
                return run(question)
            finally:
                note(started)

        return step

    async def _in_thread(self, call: Callable[[Any], Any], question: Any) -> Any:
        if self._count >= self._limit:
            raise QueueFull(f"unit `{self._unit}` has {self._count} requests waiting or running; try again later")
        with self._lock:
            self._count += 1
        future = self._executor.submit(call, question)
        future.add_done_callback(self._finished)
        return await asyncio.wrap_future(future)

    def _finished(self, _: Future[Any]) -> None:
        with self._lock:
            self._count -= 1


def _on_loop(operation: Operation) -> Callable[[Any, Any], Awaitable[Any]]:
    async def step(question: Any, _: Any) -> Any:
        return await operation.run_async(question)

    return step
