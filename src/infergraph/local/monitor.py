"""Looks after a worker that runs: does it still answer, and how much memory does it hold?"""

import asyncio

import structlog

from infergraph.local.memory import resident_bytes
from infergraph.local.pulse import Pulse
from infergraph.local.worker_process import WorkerProcess

log = structlog.get_logger("infergraph.workers")

LONGEST_LOOK_S = 1.0
RUNAWAY = 2
"""So many times the memory that is allowed, and there is no time to wait for calls: they take what the others need."""


def look_s(heartbeat_s: float) -> float:
    """How often to look, and how often a worker's heart beats, so that ``heartbeat_s`` of silence is seen in time."""
    return min(LONGEST_LOOK_S, heartbeat_s / 5)


async def monitor(worker: WorkerProcess, *, heartbeat_s: float, memory_bytes: int | None) -> None:
    """Look after a worker until cancelled. One that is silent is ended, one that has outgrown its memory is done with,
    and ended as well when it holds twice as much.

    A worker that loads is left alone: who knows how long a model takes.
    """
    await worker.settled.wait()
    clock = asyncio.get_running_loop().time
    worker.pulse = Pulse(limit_s=heartbeat_s, now_s=clock())
    while True:
        await asyncio.sleep(look_s(heartbeat_s))
        if (silent_s := worker.pulse.silent_s(clock())) is not None:
            await _end_stuck(worker, silent_s)
            return
        if memory_bytes is not None:
            _check_memory(worker, memory_bytes)


async def _end_stuck(worker: WorkerProcess, silent_s: float) -> None:
    log.error(
        "worker_stuck",
        worker=worker.pid,
        generation=worker.generation,
        silent_s=round(silent_s, 3),
        exception=await worker.traceback(),
    )
    worker.kill()


def _check_memory(worker: WorkerProcess, limit_bytes: int) -> None:
    held = resident_bytes(worker.pid)
    if held is None or held <= limit_bytes:
        return
    is_runaway = held > RUNAWAY * limit_bytes
    if is_runaway or not worker.done_with.is_set():
        log.warning(
            "worker_outgrown",
            worker=worker.pid,
            generation=worker.generation,
            resident_bytes=held,
            limit_bytes=limit_bytes,
            is_killed=is_runaway,
        )
    if is_runaway:
        worker.kill()
    worker.done_with.set()
