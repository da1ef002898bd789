"""A worker, as its supervisor sees it."""

import asyncio
import os
import signal
import socket
from collections.abc import Mapping
from typing import Any

from infergraph.local.channel import Channel
from infergraph.local.messages import OfWorker
from infergraph.local.worker_metrics import WorkerMetrics
from infergraph.local.worker_process import WorkerProcess


def ignore(_: WorkerProcess, __: Mapping[str, Any]) -> None:
    """What it logs is nothing to these tests."""


async def ended(*said: bytes) -> WorkerProcess:
    """A worker that says this, and goes on until it is killed."""
    ours, theirs = socket.socketpair()
    dump, dumping = os.pipe()
    os.close(dumping)
    process = await asyncio.create_subprocess_exec("sleep", "60")
    async with asyncio.TaskGroup() as tasks:
        worker = WorkerProcess(process, Channel[OfWorker](ours, OfWorker), dump, ignore, WorkerMetrics(tasks))
        for data in said:
            theirs.sendall(len(data).to_bytes(4, "big") + data)
        await asyncio.wait_for(worker.attend(), 30)
    theirs.close()
    return worker


def test_one_that_cannot_be_understood_is_ended() -> None:
    worker = asyncio.run(ended(b"\x81\xa4type\xa4Beat", b"\x81\xa4type\xa7Nothing"))
    assert (worker.why_ended, worker.announcement) == (signal.SIGKILL.name, None)
