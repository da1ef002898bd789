"""Natural batching: requests that come while a call runs are the next call."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import partial
from time import perf_counter
from typing import Any

import msgspec
import structlog

from infergraph.components import Operation
from infergraph.components.rows_call import RowsCall, Share, Uneven
from infergraph.errors import InferGraphError, QueueFull
from infergraph.graph.batch_size import BatchSize
from infergraph.graph.lane import Lane
from infergraph.graph.pace import Pace
from infergraph.payloads import Payload

log = structlog.get_logger("infergraph.batch")


QUIET_TURNS = 2
"""So many turns of the event loop without another request, and the call begins: one reads it, one decodes it."""
MOST_TURNS = 20


def placed(lane: Lane, operation: Operation) -> Callable[[Any, Any], Awaitable[Any]]:
    """The step that runs an operation: for several requests at once where their rows are independent."""
    if operation.together is None or lane.batch_rows == 1:
        return lane.place(operation)
    return BatchQueue(operation, operation.together, lane).step


class Waiting:
    """A request that waits for its call."""

    __slots__ = ("asked_s", "future", "payload", "share")

    def __init__(self, payload: Payload, share: Share, future: "asyncio.Future[Any]", asked_s: float) -> None:
        self.payload = payload
        self.share = share
        self.future = future
        self.asked_s = asked_s


class BatchQueue:
    """The requests of one row-independent operation, answered by as few calls as they come in.

    There is no timer: those that come while a call runs are the next. When nothing runs, a request is called for at
    once if the last one was alone too, and else with all that come in the same moment. Only one call runs at a time.
    Requests of another type, width or names are not mixed; those that wait longest go first. Who leaves before the
    call has no part in it.
    """

    def __init__(self, operation: Operation, call: RowsCall, lane: Lane) -> None:
        self._answer = operation.answer
        self._call = msgspec.structs.replace(call, took=self._add_compute)
        self._compute_s = 0.0
        self._lane = lane
        self._metrics = lane.metrics
        self._calls = lane.metrics.calls(operation.name)
        lane.add_queue(lambda: self._count)
        self._size = BatchSize(lane.batch_rows)
        self._pace = Pace()
        self._groups: dict[Hashable, deque[Waiting]] = {}
        self._count = 0
        self._is_busy = False
        self._was_alone = True
        self._is_uneven = False

    async def step(self, payload: Payload, _: Any) -> Payload:
        """The answer to one request.

        :raises QueueFull: when as many wait as may.
        """
        asked_s = perf_counter()
        try:
            answer = await self._asked(payload, asked_s)
        except BaseException as error:
            self._calls.failed(perf_counter() - asked_s, error)
            raise
        self._calls.succeeded(perf_counter() - asked_s)
        return answer

    def _asked(self, payload: Payload, asked_s: float) -> "asyncio.Future[Payload]":
        """A request joins those that wait for the next call."""
        share = self._call.share(payload)
        if self._count >= self._lane.queue_length:
            self._make_room()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Payload] = loop.create_future()
        key = future if share.key is None or self._is_uneven else share.key
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = deque()
        group.append(Waiting(payload, share, future, asked_s))
        self._count += 1
        if not self._is_busy:
            self._is_busy = True
            if self._was_alone:
                self._next()
            else:
                self._gather(loop)
        return future

    def _make_room(self) -> None:
        for key, group in list(self._groups.items()):
            staying = deque(one for one in group if not one.future.done())
            self._count -= len(group) - len(staying)
            self._groups[key] = staying
        if self._count >= self._lane.queue_length:
            raise QueueFull(
                f"unit `{self._lane.unit}` has {self._count} requests waiting; at most {self._lane.queue_length} may"
            )

    def _gather(self, loop: asyncio.AbstractEventLoop, seen: int = 0, turns: int = 0, quiet: int = 0) -> None:
        """Let the event loop come round until nobody else comes with it, then call for those who wait.

        What has arrived meanwhile is read and decoded in these turns; one that brings nothing takes a few microseconds.
        """
        if self._count > seen and self._count < self._size.rows:
            seen, quiet = self._count, 0
        else:
            quiet += 1
        if quiet >= QUIET_TURNS or turns >= MOST_TURNS:
            self._next()
        else:
            loop.call_soon(self._gather, loop, seen, turns + 1, quiet)

    def _next(self) -> None:
        """Call for those who wait, or rest until somebody does."""
        batch = self._taken()
        if not batch:
            self._is_busy = False
            return
        self._was_alone = len(batch) == 1 and not self._count
        rows = sum(one.share.size for one in batch)
        self._lane.run(partial(self._answers, batch), self._pace, rows, partial(self._finish, batch, rows))

    def _taken(self) -> list[Waiting]:
        """The requests of the next call, off the queue: of one kind, as many rows as a call should have."""
        while self._groups:
            key, group = next(iter(self._groups.items()))
            batch: list[Waiting] = []
            rows = 0
            while group and (not batch or rows + group[0].share.size <= self._size.rows):
                one = group.popleft()
                self._count -= 1
                if not one.future.done():
                    batch.append(one)
                    rows += one.share.size
            del self._groups[key]
            if group:
                self._groups[key] = group  # behind the others, so that each kind has its turn
            if batch:
                return batch
        return []

    def _answers(self, batch: Sequence[Waiting]) -> list[Any]:
        """The answer of each request, or the error that it gets. One that fails the call fails alone."""
        try:
            results = self._call.run([one.share for one in batch])
        except Uneven as error:
            log.warning("batching_off", unit=self._lane.unit, why=f"asked for {len(batch)} requests, it gave {error}")
            self._is_uneven = True
            return [answer for one in batch for answer in self._answers([one])]
        except InferGraphError as error:
            if len(batch) == 1:
                return [error]
            half = len(batch) // 2
            return self._answers(batch[:half]) + self._answers(batch[half:])
        return [self._answered(one.payload, result) for one, result in zip(batch, results, strict=True)]

    def _answered(self, payload: Payload, result: Any) -> Any:
        try:
            return self._answer(payload, result)
        except Exception as error:  # noqa: BLE001 - it is this request's answer, whatever it is
            return error

    def _finish(self, batch: Sequence[Waiting], rows: int, answers: list[Any] | BaseException, seconds: float) -> None:
        """Hand out the answers of a call, and go on with those who came meanwhile."""
        self._observe(batch, rows, seconds)
        if isinstance(answers, BaseException):
            answers = [answers] * len(batch)
        else:
            self._size.note(rows, seconds)
        for one, answer in zip(batch, answers, strict=True):
            if one.future.done():
                continue  # who asked has left
            if isinstance(answer, BaseException):
                one.future.set_exception(answer)
            else:
                one.future.set_result(answer)
        loop = asyncio.get_running_loop()
        loop.call_soon(self._gather, loop)

    def _observe(self, batch: Sequence[Waiting], rows: int, seconds: float) -> None:
        """One call is over that took so many seconds."""
        count, compute_s = len(batch), min(self._compute_s, seconds)
        waited_s = perf_counter() - seconds - sum(one.asked_s for one in batch) / count
        self._compute_s = 0.0
        self._metrics.observe_batch(rows, count, waited_s, compute_s, seconds - compute_s)

    def _add_compute(self, seconds: float) -> None:
        """The model alone took so long; a batch that fails is called for in halves."""
        self._compute_s += seconds
