"""Several steps at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


async def all_of(calls: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """The results of all calls, in their order.

    The first failure cancels the rest; when several fail at once, the first by position is raised. No call outlives
    this one.
    """
    if len(calls) == 1:
        return [await calls[0]()]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_awaited(call)) for call in calls]
    except BaseExceptionGroup:
        failed = [task for task in tasks if not task.cancelled() and task.exception() is not None]
        raise failed[0].exception() from None  # type: ignore[misc]
    return [task.result() for task in tasks]


async def _awaited(call: Callable[[], Awaitable[T]]) -> T:
    return await call()
