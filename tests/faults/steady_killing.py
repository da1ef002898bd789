"""Sixty-four connections under steady load while a worker is killed every second: who loses what?

    make test-faults-long

runs it for a minute and prints its figures; `test_workers` runs a shorter form. The load is paced, and its model
sleeps: what is looked for is a request that hangs, or one that is lost though nobody had killed who had it.
"""

import asyncio
import itertools
import os
import select
import signal
import sys
import tempfile
import time
from pathlib import Path

import click

from tests.faults.outcome import Kill, Outcome
from tests.faults.wire import LOST, Exchange, Wire
from tests.local.manifests import predictor, write
from tests.serving import Process, running

CONNECTIONS = 64
WORKERS = 4
PACE_S = 0.1  # between two requests of a connection: 640 of them a second
BETWEEN_S = 1.0
WAIT_S = 40.0
COMPONENTS = '''
import asyncio, os


class Busy:
    """Has its requests in hand for a while, says which process that was, and ends it when a request says so."""

    async def predict(self, X, names):
        if X[0][0] == "exit":
            os._exit(3)
        await asyncio.sleep(0.03)
        return [[os.getpid()]]
'''


async def killing(process: Process, kills: int) -> Outcome:
    """Put the load on and kill so many workers, one a second, each time the one that has been ready longest."""
    told = asyncio.Event()
    exchanges: list[Exchange] = []
    done: list[Kill] = []
    began_s = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        for number in range(CONNECTIONS):
            tasks.create_task(_keep_asking(process.port, number, exchanges, told))
        ways = itertools.cycle(("SIGKILL", "SIGSEGV", "os._exit"))
        for way, _ in zip(ways, range(kills), strict=False):
            await asyncio.sleep(BETWEEN_S)
            done.append(await _kill(process, await _oldest(process), way))
        await asyncio.sleep(BETWEEN_S)
        told.set()
    return Outcome(exchanges, done, time.monotonic() - began_s)


async def _keep_asking(port: int, number: int, exchanges: list[Exchange], told: asyncio.Event) -> None:
    wire = Wire(port)
    await asyncio.sleep(PACE_S * number / CONNECTIONS)
    while not told.is_set():
        exchange = await wire.ask("which")
        exchanges.append(exchange)
        await asyncio.sleep(max(0.0, exchange.sent_s + PACE_S - time.monotonic()))
    wire.close()


async def _oldest(process: Process) -> int:
    """The worker that has been ready longest, once another one is ready too: with none, 503 is the right answer."""
    while len(ready := _ready(process)) < 2:
        await asyncio.to_thread(process.wait_for, "worker_ready")
    return ready[0]


def _ready(process: Process) -> list[int]:
    ended = {event["worker"] for event in process.events if event["event"] == "worker_ended"}
    ready = [event["worker"] for event in process.events if event["event"] == "worker_ready"]
    return [worker for worker in ready if worker not in ended]


async def _kill(process: Process, worker: int, way: str) -> Kill:
    end = os.pidfd_open(worker)
    try:
        wire = await _wire_to(process.port, worker) if way == "os._exit" else None
        begun_s = time.monotonic()
        if wire is not None:
            assert (await wire.ask("exit")).status == LOST
        else:
            signal.pidfd_send_signal(end, signal.Signals[way])
        await asyncio.to_thread(select.select, [end], [], [], WAIT_S)
        kill = Kill(way, worker, begun_s, time.monotonic())
    finally:
        os.close(end)
    while worker in _ready(process):
        await asyncio.to_thread(process.wait_for, "worker_ended")
    return kill


async def _wire_to(port: int, worker: int) -> Wire:
    """A connection that this worker has accepted."""
    async with asyncio.timeout(WAIT_S):
        while True:
            wire = Wire(port)
            await wire.ask("which")
            if wire.worker == worker:
                return wire
            wire.close()


def run(folder: Path, kills: int) -> Outcome:
    """A server, the load, and the killing; the server still drains in order at the end."""
    manifest = write(folder, predictor("p", "Busy"), annotations={"seldon.io/rest-timeout": "5000"})
    (folder / "components.py").write_text(COMPONENTS)
    with running(manifest, "--workers", str(WORKERS)) as process:
        while len(_ready(process)) < WORKERS:
            process.wait_for("worker_ready")
        outcome = asyncio.run(killing(process, kills))
        assert process.stop() == 0
    return outcome


@click.command()
@click.option("--kills", default=60, show_default=True, help="How many workers to kill, one a second.")
def main(*, kills: int) -> None:
    """Kill workers under load, print what came of it, and fail when somebody else was harmed."""
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder), kills)
    print(outcome.figures())  # noqa: T201
    if outcome.innocent:
        sys.exit("failed: " + "; ".join(str(exchange) for exchange in outcome.innocent[:10]))


if __name__ == "__main__":
    main()
