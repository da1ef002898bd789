"""A worker that is told to go while it loads."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import uvloop

from infergraph.declaration import read_manifests
from infergraph.local.channel import Channel
from infergraph.local.messages import Accept, Drain, Start, ToWorker
from infergraph.local.plan import Plan
from infergraph.local.worker import Worker
from infergraph.local.worker_log import WorkerLog
from tests.local.manifests import predictor, write


@pytest.mark.parametrize("turns", range(12))
def test_it_goes_whatever_the_moment(turns: int, tmp_path: Path) -> None:
    with _started(tmp_path) as (start, end):
        assert uvloop.run(_is_finished(start, end, turns))


async def _is_finished(start: Start, end: socket.socket, turns: int) -> bool:
    """Whether it ends, and is content, though its models have loaded so many turns of the event loop after the word."""
    channel: Channel[ToWorker] = Channel(end, ToWorker)
    worker = Worker(channel, start, WorkerLog(channel))
    loads, is_loaded = worker._content.load, asyncio.Event()

    async def load() -> None:
        await loads()
        is_loaded.set()
        for _ in range(turns):
            await asyncio.sleep(0)

    async def messages() -> AsyncIterator[ToWorker]:
        await is_loaded.wait()
        yield Accept([0])
        yield Drain(is_replaced=False)
        await asyncio.Event().wait()

    worker._content.load = load  # type: ignore[method-assign]
    return await asyncio.wait_for(worker.run(messages()), 20)


@contextmanager
def _started(folder: Path) -> Iterator[tuple[Start, socket.socket]]:
    """What a supervisor would say first, and the worker's end of a channel on which nobody listens."""
    one = predictor("p", "")
    one["graph"] = {"name": "model", "type": "MODEL", "implementation": "SIMPLE_MODEL"}
    plan = Plan(read_manifests([write(folder, one)]), port=0, grpc_port=0)
    with ExitStack() as stack:
        _, theirs = map(stack.enter_context, socket.socketpair())
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        http, grpc = (os.dup(listener.fileno()) for listener in listeners)
        yield Start(plan, sys.path, [http], "http://x", "127.0.0.1:1", [grpc], beat_s=1.0, call_s=30.0), theirs
