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
MOST_IN_A_ROW = 16
"""So many queues hand on to each other: one call follows the other in one turn of the event loop, each a short one."""


def placed(lane: Lane, operation: Operation) -> Callable[[Any, Any], Awaitable[Any]]:
    """The step that runs an operation: for several requests at once where their rows are independent."""
    if operation.together is None or lane.batch_rows == 1:
        return lane.place(operation)
    return BatchQueue(operation, operation.together, lane).step()


def in_a_row(steps: Sequence[Callable[[Any, Any], Awaitable[Any]]]) -> list[Callable[[Any, Any], Awaitable[Any]]]:
    """The same steps, with those that are queues one after the other made one: see `BatchQueue.step`."""
    joined: list[Callable[[Any, Any], Awaitable[Any]]] = []
    queues: tuple[BatchQueue, ...] = ()
    for step in steps:
        its: tuple[BatchQueue, ...] = getattr(step, "queues", ())
        if its and queues and len(queues) + len(its) <= MOST_IN_A_ROW:
            queues += its
            joined[-1] = queues[0].step(queues[1:])
        else:
            queues = its
            joined.append(step)
    return joined


class Waiting:
    """A request that waits in ``queue`` for its call, and goes on through the queues of ``rest`` after it.

    ``future`` gets the answer of the last one.
    """

    __slots__ = ("asked_s", "future", "payload", "queue", "rest", "share")

    payload: Payload
    share: Share
    queue: "BatchQueue"

    def __init__(self, future: "asyncio.Future[Any]", rest: "tuple[BatchQueue, ...]", asked_s: float) -> None:
        self.future = future
        self.rest = rest
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
        self._is_fed = False  # requests come from a queue before this one, as many as come at once
        self._is_uneven = False

    def step(self, rest: "tuple[BatchQueue, ...]" = ()) -> Callable[[Payload, Any], Awaitable[Payload]]:
        """The step through this queue, and through those of ``rest`` one after the other.

        Requests that were called for together go on together: the next call is made at once, and they do not wait for
        their turns in the event loop again. The step's ``queues`` says which they are.
        """

        queues = (self, *rest)

        async def step(payload: Payload, _: Any) -> Payload:
            loop = asyncio.get_running_loop()
            for index, queue in enumerate(queues):
                asked_s = perf_counter()
                share = queue._share(payload, asked_s)  # noqa: SLF001 - a queue like this
                if not queue._may_call_now(share.size):  # noqa: SLF001
                    one = Waiting(loop.create_future(), queues[index + 1 :], asked_s)
                    return await queue._waited(one, payload, share, loop, has_begun=bool(index))  # noqa: SLF001
                payload = queue._alone(payload, share, loop, asked_s)  # noqa: SLF001
            return payload

        step.queues = queues  # type: ignore[attr-defined]
        step.starts_without_task = True  # type: ignore[attr-defined]
        return step

    def _share(self, payload: Payload, asked_s: float) -> Share:
        """What a request brings to a call; what is wrong with it alone is raised here."""
        try:
            return self._call.share(payload)
        except BaseException as error:
            self._calls.failed(perf_counter() - asked_s, error)
            raise

    def _may_call_now(self, rows: int) -> bool:
        """Whether nobody waits or runs, the last one was alone too, and so many rows are for the event loop."""
        is_idle = self._was_alone and not self._is_busy and not self._groups
        return is_idle and self._lane.is_for_loop(self._pace, rows)

    def _alone(self, payload: Payload, share: Share, loop: asyncio.AbstractEventLoop, asked_s: float) -> Payload:
        """The answer to a request with which nobody waits.

        Who comes in the same turn of the event loop is called for after it, with all others that do.
        """
        self._is_busy = True
        self._go_on(loop)
        begun_s = perf_counter()
        try:
            answer: Payload = self._answer(payload, self._call.run((share,))[0])
        except BaseException as error:
            self._calls.failed(perf_counter() - asked_s, error)
            raise
        finally:
            seconds = perf_counter() - begun_s
            self._pace.note(share.size, seconds)
            self._observe(share.size, 1, begun_s - asked_s, seconds)
        self._size.note(share.size, seconds)
        self._calls.succeeded(begun_s + seconds - asked_s)
        return answer

    async def _waited(
        self, one: Waiting, payload: Payload, share: Share, loop: asyncio.AbstractEventLoop, *, has_begun: bool
    ) -> Payload:
        """The answer to a request that waits for its call, and goes on through the queues that it has left."""
        try:
            self._join(one, payload, share)
        except QueueFull as error:
            error.has_begun = has_begun
            raise
        if not self._is_busy:
            self._is_busy = True
            if self._was_alone:
                self._next()
            else:
                self._gather(loop)
        try:
            return await one.future  # type: ignore[no-any-return]
        except asyncio.CancelledError as error:
            one.queue._calls.failed(perf_counter() - one.asked_s, error)  # noqa: SLF001 - the queue where it is
            raise

    def _join(self, one: Waiting, payload: Payload, share: Share) -> None:
        """A request joins those that wait for the next call.

        :raises QueueFull: when as many wait as may.
        """
        if self._count >= self._lane.queue_length:
            self._make_room(one.asked_s)
        one.queue, one.payload, one.share = self, payload, share
        key = one if share.key is None or self._is_uneven else share.key
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = deque()
        group.append(one)
        self._count += 1

    def _take_over(self, ones: Sequence[Waiting], answers: Sequence[Payload]) -> None:
        """Requests come together from the queue before this one: they are called for at once, or next."""
        now_s = perf_counter()
        for one, payload in zip(ones, answers, strict=True):
            one.rest, one.asked_s = one.rest[1:], now_s
            try:
                self._join(one, payload, self._share(payload, now_s))
            except Exception as error:  # noqa: BLE001 - it is this request's answer, whatever it is
                if isinstance(error, QueueFull):
                    error.has_begun = True
                one.future.set_exception(error)
        self._is_fed = True
        if not self._is_busy:
            self._is_busy = True
            self._next()

    def _make_room(self, asked_s: float) -> None:
        for key, group in list(self._groups.items()):
            staying = deque(one for one in group if not one.future.done())
            self._count -= len(group) - len(staying)
            self._groups[key] = staying
        if self._count >= self._lane.queue_length:
            error = QueueFull(
                f"unit `{self._lane.unit}` has {self._count} requests waiting; at most {self._lane.queue_length} may"
            )
            self._calls.failed(perf_counter() - asked_s, error)
            raise error

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
        count = len(batch)
        waited_s = perf_counter() - seconds - sum(one.asked_s for one in batch) / count
        self._observe(rows, count, waited_s, seconds)
        if isinstance(answers, BaseException):
            answers = [answers] * len(batch)
        else:
            self._size.note(rows, seconds)
        self._hand_out(batch, answers)
        self._go_on(asyncio.get_running_loop())

    def _go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """Call for those who wait when the event loop comes round: at once where they come together, else gathered."""
        if self._is_fed:
            loop.call_soon(self._next)
        else:
            loop.call_soon(self._gather, loop)

    def _hand_out(self, batch: Sequence[Waiting], answers: Sequence[Any]) -> None:
        now_s, going, theirs = perf_counter(), [], []
        for one, answer in zip(batch, answers, strict=True):
            if one.future.done():
                continue  # who asked has left
            if isinstance(answer, BaseException):
                self._calls.failed(now_s - one.asked_s, answer)
                one.future.set_exception(answer)
                continue
            self._calls.succeeded(now_s - one.asked_s)
            if one.rest:
                going.append(one)
                theirs.append(answer)
            else:
                one.future.set_result(answer)
        if going:
            going[0].rest[0]._take_over(going, theirs)  # noqa: SLF001 - a queue like this; all go the same way

    def _observe(self, rows: int, requests: int, waited_s: float, seconds: float) -> None:
        """One call is over that took so many seconds."""
        compute_s = min(self._compute_s, seconds)
        self._compute_s = 0.0
        self._metrics.observe_batch(rows, requests, waited_s, compute_s, seconds - compute_s)

    def _add_compute(self, seconds: float) -> None:
        """The model alone took so long; a batch that fails is called for in halves."""
        self._compute_s += seconds
