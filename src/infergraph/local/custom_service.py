"""A component's ``custom_service``: whatever it does beside answering, in a process of its own (SELDON_V1 §4.3)."""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from infergraph.errors import LoadError
from infergraph.local.backoff import Backoff
from infergraph.local.unit_plan import UnitPlan

log = structlog.get_logger("infergraph.run")

METHOD = "custom_service"


class CustomService:
    """Keeps the process of a custom service running. It ends with the event loop's `end`, or with this process."""

    def __init__(self, unit: UnitPlan) -> None:
        self._unit = unit
        self._order = msgspec.json.encode(unit, enc_hook=str) + b"\n"
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start it, and again whenever it fails."""
        self._task = asyncio.create_task(self._keep())

    async def end(self) -> None:
        """End it."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled() and (error := self._task.exception()) is not None:
            raise error
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            await self._process.wait()

    async def _keep(self) -> None:
        backoff, clock = Backoff(), asyncio.get_running_loop().time
        while True:
            started_s = clock()
            self._process = process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "infergraph.local.custom_service"), stdin=asyncio.subprocess.PIPE
            )
            assert process.stdin is not None  # noqa: S101 - it is a pipe
            process.stdin.write(self._order)
            log.info("custom_service_started", unit=self._unit.name, process=process.pid)
            code = await process.wait()
            if code == 0:
                log.info("custom_service_finished", unit=self._unit.name)
                return
            log.error("custom_service_ended", unit=self._unit.name, code=code)
            await asyncio.sleep(backoff.delay_s(start_s=0.0, ready_s=clock() - started_s))


def main() -> None:
    """Of the process itself: what to run stands in the first line of its input, and it ends when that ends."""
    from infergraph.components.python_class import build

    unit = msgspec.json.decode(sys.stdin.buffer.readline(), type=UnitPlan, dec_hook=lambda _, path: Path(path))
    threading.Thread(target=_end_with(sys.stdin.buffer.read), daemon=True).start()
    try:
        target = build(unit.python_class, unit.folder, unit.parameters, unit.name)
    except LoadError as error:
        sys.exit(f"infergraph: {error}")
    getattr(target, METHOD)()


def _end_with(wait: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        wait()
        os._exit(0)

    return run


if __name__ == "__main__":
    main()
