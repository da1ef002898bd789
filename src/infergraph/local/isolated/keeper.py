"""Keeps the microservice of one unit running."""

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from pathlib import Path

import structlog

from infergraph.errors import LoadError, SetupError
from infergraph.local.backoff import Backoff
from infergraph.local.in_thread import in_daemon_thread
from infergraph.local.isolated.environment import Environment, environment_of
from infergraph.local.isolated.output import Output
from infergraph.local.isolated.process import IsolatedProcess, start
from infergraph.local.isolated.unit import HOST, IsolatedUnit
from infergraph.local.plan import Plan
from infergraph.telemetry.logs import ShowEvent

log = structlog.get_logger("infergraph.unit")

HEARTBEAT_S = 30.0
MOST_CRASHES = 3
"""How often a signal may end the first process before it is ready, until it counts as one that cannot start."""


class Keeper:
    """Starts the process of a unit, and another whenever that one ends, on a port that stays the same.

    ``threads`` are the variables of numeric libraries, ``plan`` says where model files come from. A process whose event
    loop is silent for ``heartbeat_s`` is ended.

    :raises LoadError: when there is no port.
    """

    def __init__(
        self,
        unit: IsolatedUnit,
        plan: Plan,
        show: ShowEvent,
        threads: Mapping[str, str],
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self.unit = unit
        self._heartbeat_s = heartbeat_s
        self._plan = plan
        self._threads = threads
        self._output = Output(unit.name, show)
        self._held = _held_port()
        self._port: int = self._held.getsockname()[1]
        self.environment: Environment | None = None
        """What its processes run in; None for ours, and until it is there."""
        self._model: Path | None = None
        self._process: IsolatedProcess | None = None
        self._task: asyncio.Task[None] | None = None
        self._leaving = asyncio.Event()
        self._crashes = 0
        self.first: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        """What came of the first start: None when it was ready, else why it cannot start."""

    @property
    def address(self) -> str:
        """``host:port``: nobody listens there while no process does."""
        return f"{HOST}:{self._port}"

    def begin(self, tasks: asyncio.TaskGroup) -> None:
        """Start it, and keep it running."""
        self._task = tasks.create_task(self._keep())

    def leave(self) -> None:
        """Start no more; what is not ready yet is given up."""
        self._leaving.set()
        if self._task is not None and not (self.first.done() and self.first.result() is None):
            self._task.cancel()

    def kill(self) -> None:
        """End its process now."""
        self.leave()
        if self._process is not None:
            self._process.kill()

    async def end(self) -> None:
        """Let its process finish what it has, and end. Nobody may ask it any more."""
        self.leave()
        if self._process is not None:
            await self._process.end()
        if self._task is not None:
            await asyncio.wait([self._task])
        self._held.close()

    async def _keep(self) -> None:
        backoff = Backoff()
        try:
            await self._prepare()
            while not self._leaving.is_set():
                start_s, ready_s = await self._turn()
                if not self._leaving.is_set():
                    await self._pause(backoff.delay_s(start_s=start_s, ready_s=ready_s))
        except SetupError as error:
            self._note(str(error), is_final=True)
        finally:
            if not self.first.done():
                self.first.set_result(f"unit `{self.unit.name}`: told to go while it was starting")

    async def _prepare(self) -> None:
        """What every process of it needs. :raises SetupError: when that cannot be had."""
        self.environment = await environment_of(self.unit)
        if self.unit.model_uri:
            self._model = await in_daemon_thread(self._model_files)

    def _model_files(self) -> Path:
        from infergraph.artifacts.obtain import obtain
        from infergraph.errors import ArtifactError

        unit = self.unit
        try:
            return obtain(unit.model_uri, folder=unit.base, artifacts=self._plan.artifacts, sha256=unit.sha256)
        except ArtifactError as error:
            raise ArtifactError(f"unit `{unit.name}`: {error}") from error

    async def _turn(self) -> tuple[float, float]:
        """The time of one process: how long it took to start, and then was ready until it ended."""
        clock = asyncio.get_running_loop().time
        began_s = clock()
        try:
            self._process = process = await self._start()
        except OSError as error:
            self._note(f"unit `{self.unit.name}`: no process can be started: {error.strerror or error}", is_final=True)
            return 0.0, 0.0
        attending = asyncio.create_task(process.attend())
        if self._leaving.is_set():
            process.kill()
        try:
            if not await process.is_ready():
                if not self._leaving.is_set():
                    self._note(process.failure(self.unit.name), is_final=not process.is_killed)
                return 0.0, 0.0
            ready_s = clock()
            self._tell_ready(process, ready_s - began_s)
            await self._end_of(process)
            if not self._leaving.is_set():
                log.error("unit_ended", **self.unit.fields, process=process.pid, reason=process.why_ended)
            return ready_s - began_s, clock() - ready_s
        finally:
            process.kill()
            await attending

    async def _end_of(self, process: IsolatedProcess) -> None:
        """Until the process has ended; one that hangs is ended here."""
        ended = asyncio.create_task(process.ended())
        silent = asyncio.create_task(process.silent(self._heartbeat_s))
        try:
            await asyncio.wait([ended, silent], return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                log.error("unit_stuck", **self.unit.fields, process=process.pid, silent_s=self._heartbeat_s)
                process.kill()
            await ended
        finally:
            silent.cancel()
            ended.cancel()

    async def _start(self) -> IsolatedProcess:
        unit, environment = self.unit, self.environment
        log.info("unit_starting", **unit.fields, source=unit.python_class)
        return await start(
            unit.arguments(self._port),
            {
                **self._threads,
                **unit.variables(self._port, self._model),
                **(environment.variables() if environment else {}),
            },
            python=environment.python if environment else None,
            folder=unit.folder,
            port=self._port,
            output=self._output,
        )

    def _tell_ready(self, process: IsolatedProcess, seconds: float) -> None:
        url = f"http://{self.address}"
        log.info("unit_started", **self.unit.fields, process=process.pid, url=url, seconds=round(seconds, 3))
        if not self.first.done():
            self.first.set_result(None)

    def _note(self, sentence: str, *, is_final: bool) -> None:
        self._crashes += 1
        if self.first.done():
            log.error("unit_failed", **self.unit.fields, error=sentence)
        elif is_final or self._crashes >= MOST_CRASHES:
            self.first.set_result(sentence)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._leaving.wait(), seconds)


def _held_port() -> socket.socket:
    """A free port, held by a socket that never listens: it stays ours while no process listens there, and who calls
    then is refused at once. Linux lets another socket listen there when both say SO_REUSEADDR.

    :raises LoadError: when there is none.
    """
    held = socket.socket()
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((HOST, 0))
    except OSError as error:
        held.close()
        raise LoadError(f"no port for the process of a unit can be had: {error.strerror or error}") from error
    return held
