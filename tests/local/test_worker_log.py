"""What a worker logs, over a real channel whose other end reads or does not."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

from infergraph.local.channel import Channel
from infergraph.local.messages import Beat, LogEvent, OfWorker, ToWorker
from infergraph.local.worker_log import WorkerLog

EVENT = {"event": "x" * 10_000}
COUNT = 400
"""4 MB: more than may wait."""


@contextlib.contextmanager
def ends() -> Iterator[tuple[Channel[OfWorker], Channel[ToWorker]]]:
    """The end of a supervisor, and that of a worker."""
    ours, theirs = socket.socketpair()
    supervisor: Channel[OfWorker] = Channel(ours, OfWorker)
    worker: Channel[ToWorker] = Channel(theirs, ToWorker)
    with contextlib.closing(supervisor), contextlib.closing(worker):
        yield supervisor, worker


async def read_until_a_beat(channel: Channel[OfWorker]) -> list[Any]:
    """The log events before it."""
    found = []
    async for message in channel.messages():
        if isinstance(message, Beat):
            break
        assert isinstance(message, LogEvent)
        found.append(message.event)
    return found


def show_often(log: WorkerLog) -> None:
    for _ in range(COUNT):
        log.show(EVENT)


def test_nothing_is_lost_when_the_supervisor_reads() -> None:
    async def main() -> None:
        with ends() as (supervisor, worker):
            log = WorkerLog(worker)
            reading = asyncio.create_task(read_until_a_beat(supervisor))
            await asyncio.to_thread(show_often, log)
            worker.send(Beat())
            assert await reading == [EVENT] * COUNT

    asyncio.run(main())


def test_what_a_supervisor_does_not_take_is_counted() -> None:
    async def main() -> None:
        with ends() as (supervisor, worker):
            log = WorkerLog(worker)
            show_often(log)
            worker.send(Beat())
            before = await read_until_a_beat(supervisor)
            log.tell_lost()
            log.show(EVENT)
            worker.send(Beat())
            lost, *after = await read_until_a_beat(supervisor)
            assert before == [EVENT] * len(before)
            assert (lost["event"], lost["lines"]) == ("output_lost", COUNT - len(before))
            assert len(before) < COUNT
            assert after == [EVENT]

    asyncio.run(main())


def test_an_event_that_no_message_can_say_is_sent_in_other_words() -> None:
    async def main() -> None:
        with ends() as (supervisor, worker):
            WorkerLog(worker).show({"event": "e", "half": "\ud800", "large": 1 << 65})
            worker.send(Beat())
            (event,) = await read_until_a_beat(supervisor)
            assert event == {"event": "'e'", "half": "'\\ud800'", "large": str(1 << 65)}

    asyncio.run(main())
