"""The control channel over a real pair of sockets."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infergraph.declaration import read_manifests
from infergraph.local.channel import WAITING_BYTES, Channel
from infergraph.local.messages import Accept, Beat, Drain, Failed, LogEvent, OfWorker, Start, ToWorker
from infergraph.local.plan import Plan
from tests.serving import ROOT


@contextlib.contextmanager
def pair() -> Iterator[tuple[Channel[OfWorker], Channel[ToWorker]]]:
    """The end of a supervisor, and that of a worker."""
    ours, theirs = socket.socketpair()
    supervisor: Channel[OfWorker] = Channel(ours, OfWorker)
    worker: Channel[ToWorker] = Channel(theirs, ToWorker)
    with contextlib.closing(supervisor), contextlib.closing(worker):
        yield supervisor, worker


async def received(channel: Channel[Any], count: int) -> list[Any]:
    messages = channel.messages()
    return [await anext(messages) for _ in range(count)]


@pytest.mark.parametrize("file", ["examples/iris/iris.yaml", *sorted(ROOT.glob("tests/declaration/manifests/*.yaml"))])
def test_a_plan_arrives_as_it_was(file: str | Path) -> None:
    plan = Plan(read_manifests([ROOT / file]), artifacts={"gs://a": Path("/b")}, limits={"drain_s": 1.5})
    start = Start(plan=plan, path=["/x"], listeners=[3], url="u", grpc=None, grpc_listeners=[], beat_s=1, call_s=600)

    async def main() -> None:
        with pair() as (supervisor, worker):
            supervisor.send(start)
            (got,) = await received(worker, 1)
            assert list(got.plan.manifests) == list(plan.manifests)
            assert (got.plan.artifacts, got.plan.limits, got.path) == (plan.artifacts, plan.limits, ["/x"])

    asyncio.run(main())


def test_messages_keep_their_order_however_large() -> None:
    async def main() -> None:
        with pair() as (supervisor, worker):
            sent = [Failed("x" * size) for size in (0, 1, 70_000, 3_000_000, 5)]
            for message in sent:
                worker.send(message)
            assert await received(supervisor, len(sent)) == sent
            supervisor.send(Accept([0, 2]))
            supervisor.send(Drain(is_replaced=True))
            assert await received(worker, 2) == [Accept([0, 2]), Drain(is_replaced=True)]

    asyncio.run(main())


def test_threads_may_send_at_the_same_time() -> None:
    async def main() -> None:
        with pair() as (supervisor, worker):

            def send(name: int) -> None:
                for number in range(200):
                    worker.send(LogEvent({"thread": name, "number": number, "text": "x" * 5000}))

            threads = [threading.Thread(target=send, args=(name,)) for name in range(4)]
            for thread in threads:
                thread.start()
            events = [message.event for message in await received(supervisor, 800)]
            for thread in threads:
                thread.join()
            for name in range(4):
                assert [event["number"] for event in events if event["thread"] == name] == list(range(200))

    asyncio.run(main())


def test_sending_never_blocks_and_drops_what_can_be_done_without() -> None:
    async def main() -> None:
        with pair() as (supervisor, worker):
            for number in range(4000):
                worker.send(LogEvent({"number": number, "text": "x" * 1000}), is_droppable=True)
            worker.send(Beat())
            numbers = []
            async for message in supervisor.messages():
                if isinstance(message, Beat):
                    break
                assert isinstance(message, LogEvent)
                numbers.append(message.event["number"])
            assert numbers == list(range(len(numbers)))
            assert WAITING_BYTES / 1100 < len(numbers) < 4000

    asyncio.run(main())


def test_the_end_of_the_other_side_is_the_end_of_messages() -> None:
    async def main() -> None:
        with pair() as (supervisor, worker):
            worker.send(Beat())
            worker.close()
            worker.close()
            assert [message async for message in supervisor.messages()] == [Beat()]
            supervisor.send(Drain(is_replaced=False))  # nobody hears it, and nothing happens
            supervisor.close()

    asyncio.run(main())
