"""Several steps at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from contextlib import suppress
from functools import partial
from types import coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def starts_without_task(step: Callable[..., Any]) -> bool:
    """Whether a step may be begun in another task than the one in which it ends.

    Ours may, which wait for nothing but a thread or a batch; a component's own coroutine may not, as a timeout or a
    group of tasks in it belongs to the task that it began in.
    """
    return getattr(step, "starts_without_task", False)


async def all_begun(calls: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """As `all_of`, for steps that `starts_without_task` says yes to: only one that has to wait costs a task."""
    answers: list[Any] = [None] * len(calls)
    waiting: list[tuple[int, Coroutine[Any, Any, T], Any]] = []
    try:
        for place, call in enumerate(calls):
            work: Coroutine[Any, Any, T] = call()  # type: ignore[assignment]
            try:
                waits_for = work.send(None)
            except StopIteration as done:
                answers[place] = done.value
            else:
                waiting.append((place, work, waits_for))
        if waiting:
            rest = await all_of([partial(_rest, work, waits_for) for _, work, waits_for in waiting])
            for (place, _, _), answer in zip(waiting, rest, strict=True):
                answers[place] = answer
    finally:
        for _, work, waits_for in waiting:
            _end(work, waits_for)
    return answers


@coroutine
def _rest(work: Coroutine[Any, Any, T], waits_for: Any) -> Generator[Any, Any, T]:
    """What is left of a coroutine that has begun, as if it ran in this task from the start."""
    while True:
        try:
            sent = yield waits_for
        except BaseException as error:  # noqa: BLE001 - it is the coroutine's: a cancellation
            step = partial(work.throw, error)
        else:
            step = partial(work.send, sent)
        try:
            waits_for = step()
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]


def _end(work: Coroutine[Any, Any, Any], waits_for: Any) -> None:
    """Cancel what has begun, and was never taken over by a task because another call failed."""
    if work.cr_frame is None:  # type: ignore[attr-defined]
        return
    waits_for.cancel()
    with suppress(asyncio.CancelledError, StopIteration):
        work.throw(asyncio.CancelledError())
    work.close()


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
