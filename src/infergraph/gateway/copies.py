"""Copies of requests for a shadow: nobody waits for their answers, and they delay nobody."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import structlog

log = structlog.get_logger("infergraph.gateway")

MOST: Final = 100
"""Copies that are under way at the same time; a shadow that falls behind loses the rest."""


class Copies:
    """The tasks that send them: the gateway owns them, and waits for them when it goes down."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._dropped = 0

    @property
    def has_room(self) -> bool:
        """Whether another one can be sent; asked once for each copy, so that those without are counted."""
        if len(self._tasks) < MOST:
            return True
        self._dropped += 1
        if self._dropped & (self._dropped - 1) == 0:  # at 1, 2, 4, 8, ...: said without a flood
            log.warning("shadow_falls_behind", dropped=self._dropped)
        return False

    def send(self, copy: Coroutine[Any, Any, object]) -> None:
        """Begin to send one. What it raises is only logged."""
        task = asyncio.create_task(_run(copy))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, timeout_s: float) -> None:
        """Wait for those under way, and cancel what is left after ``timeout_s``."""
        if self._tasks:
            _, left = await asyncio.wait(self._tasks, timeout=timeout_s)
            for task in left:
                task.cancel()


async def _run(copy: Coroutine[Any, Any, object]) -> None:
    try:
        await copy
    except Exception as error:  # noqa: BLE001 - a shadow may fail in every way that there is
        log.warning("shadow_failed", error=f"{type(error).__name__}: {error}")
