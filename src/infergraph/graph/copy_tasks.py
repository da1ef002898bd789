"""Tasks for copies of requests: nobody waits for their answers, and they delay nobody."""

import asyncio
from collections.abc import Coroutine
from typing import Any

MAX_RUNNING = 100
"""Copies at the same time; a shadow that falls behind loses the rest."""


class CopyTasks:
    """Who owns them waits for them when it goes down. ``log`` is told of those that find no room."""

    def __init__(self, log: Any) -> None:
        self._log = log
        self._tasks: set[asyncio.Task[None]] = set()
        self._dropped = 0

    def has_room(self, **whose: str) -> bool:
        """Whether another one can begin; asked once for each copy, so that those without are counted."""
        if len(self._tasks) < MAX_RUNNING:
            return True
        self._dropped += 1
        if self._dropped & (self._dropped - 1) == 0:  # at 1, 2, 4, 8, ...: said without a flood
            self._log.warning("shadow_falls_behind", **whose, dropped=self._dropped)
        return False

    def begin(self, copy: Coroutine[Any, Any, None]) -> None:
        """Begin one, which has to keep to itself whatever goes wrong in it."""
        task = asyncio.create_task(copy)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, timeout_s: float) -> None:
        """Wait for those under way, and cancel what is left after ``timeout_s``."""
        if not self._tasks:
            return
        _, left = await asyncio.wait(self._tasks, timeout=timeout_s)
        for task in left:
            task.cancel()
