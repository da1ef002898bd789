"""One worker, as its supervisor sees it."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import msgspec
import structlog

from infergraph.local.announcement import Announcement
from infergraph.local.channel import Channel
from infergraph.local.messages import (
    Accept,
    Beat,
    Drain,
    Failed,
    Gather,
    Leaving,
    LogEvent,
    Measured,
    OfWorker,
    Ready,
    Start,
    StopAtOnce,
    Worn,
)
from infergraph.local.pulse import Pulse
from infergraph.local.worker_metrics import WorkerMetrics

log = structlog.get_logger("infergraph.workers")

LAST_WORDS_S = 1.0
"""How long a worker that has ended is still listened to: a process that it started may hold its channel open."""
DUMP_S = 1.0
DUMP_BYTES = 1 << 16

ShowLog = Callable[["WorkerProcess", Mapping[str, Any]], None]


class SystemProcess(Protocol):
    """What `asyncio` knows of a process that it has started, and as much of any other."""

    @property
    def pid(self) -> int: ...

    async def wait(self) -> int: ...

    def kill(self) -> None: ...

    def send_signal(self, number: int, /) -> None: ...


Begin = Callable[[int, int], Awaitable[SystemProcess]]
"""Starts the process of a worker, with the descriptors of its control channel and of where to dump."""


class WorkerProcess:
    """A worker: a process, its control channel, and what it said of itself. `attend` has to run as long as it does."""

    def __init__(
        self,
        process: SystemProcess,
        channel: Channel[OfWorker],
        dump: int,
        show: ShowLog,
        metrics: WorkerMetrics,
    ) -> None:
        self.place = self.generation = 0
        self.is_first = False
        """The first one in its place: what all say alike while they load is heard from one."""
        self.pid = process.pid
        self.announcement: Announcement | None = None
        self.failure: str | None = None
        self.exit_code: int | None = None
        self.is_leaving = False
        self.gone = asyncio.Event()
        """It accepts no more connections."""
        self.settled = asyncio.Event()
        """It is ready, or has ended before it was."""
        self.done_with = asyncio.Event()
        """Its place needs another worker: it has ended, is about to, or should."""
        self._process = process
        self._channel = channel
        self._dump = dump
        self._show = show
        self.metrics = metrics
        metrics.begin(self.pid, channel.send)
        self._clock = asyncio.get_running_loop().time
        self.started_s = self.ready_s = self._clock()
        self.pulse: Pulse | None = None
        self._accepting: frozenset[int] = frozenset()

    @property
    def is_ready(self) -> bool:
        """Whether it has everything loaded, and is to answer requests."""
        return self.announcement is not None and not self.is_leaving and self.exit_code is None

    @property
    def why_ended(self) -> str:
        """How it ended: the name of the signal, or its exit code."""
        code = self.exit_code or 0
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def accept(self, listeners: frozenset[int]) -> None:
        """Let it accept from these listeners and from no others."""
        if listeners != self._accepting:
            self._accepting = listeners
            self._channel.send(Accept(sorted(listeners)))

    def leave(self, *, is_replaced: bool) -> None:
        """Let it finish what it has, and end."""
        if not self.is_leaving:
            self.is_leaving = True
            self._channel.send(Drain(is_replaced))

    def stop(self) -> None:
        """Let it refuse what it has, and end."""
        self.is_leaving = True
        self._channel.send(StopAtOnce())

    def kill(self) -> None:
        """End it now."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def attend(self) -> None:
        """Listen to it until it has ended."""
        reading = asyncio.create_task(self._read())
        self.exit_code = await self._process.wait()
        await asyncio.wait([reading], timeout=LAST_WORDS_S)
        reading.cancel()
        await asyncio.wait([reading])
        self.metrics.end(self.pid)
        self._channel.close()
        os.close(self._dump)
        for event in (self.gone, self.settled, self.done_with):
            event.set()

    async def traceback(self) -> str:
        """Where all its threads are, as it writes that itself, whatever it is stuck in."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGUSR1)
        found = b""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DUMP_S):  # nothing says where it ends
                while len(found) < DUMP_BYTES:
                    found += await self._dumped()
        return found.decode(errors="replace")

    async def _dumped(self) -> bytes:
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        loop.add_reader(self._dump, readable.set)
        try:
            await readable.wait()
        finally:
            loop.remove_reader(self._dump)
        return os.read(self._dump, DUMP_BYTES)

    async def _read(self) -> None:
        """Heed what it says. One that cannot be understood is ended: it would go on unheard, and never be ready."""
        try:
            async for message in self._channel.messages():
                self._heed(message)
        except msgspec.DecodeError as error:
            log.error("worker_not_understood", worker=self.pid, error=str(error))  # noqa: TRY400 - a message, no bug here
            self.kill()

    def _heed(self, message: OfWorker) -> None:
        match message:
            case Beat():
                if self.pulse is not None:
                    self.pulse.beat(self._clock())
            case Measured(snapshot, number):
                self.metrics.note(self.pid, snapshot, number)
            case Gather(number, snapshot):
                self.metrics.gather(self.pid, number, snapshot)
            case LogEvent(event):
                self._show(self, event)
            case Failed(sentence):
                self.failure = sentence
            case Ready(announcement):
                self.announcement = announcement
                self.ready_s = self._clock()
                self.settled.set()
            case Worn():
                self.done_with.set()
            case Leaving():
                self.is_leaving = True
                self.gone.set()
                self.done_with.set()


async def start_worker(
    start: Start, environment: Mapping[str, str], show: ShowLog, metrics: WorkerMetrics
) -> WorkerProcess:
    """A new process that does as ``start`` says.

    :raises OSError: when the system grants none.
    """

    async def begin(control: int, dump: int) -> SystemProcess:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "infergraph.local.worker", str(control), str(dump)),
            stdin=asyncio.subprocess.DEVNULL,
            pass_fds=(control, dump, *start.descriptors),
            env={**os.environ, **environment},
        )

    return await start_worker_by(begin, start, show, metrics)


async def start_worker_by(begin: Begin, start: Start, show: ShowLog, metrics: WorkerMetrics) -> WorkerProcess:
    """A new worker, whose process ``begin`` starts. :raises OSError: when that does."""
    ours, theirs = socket.socketpair()
    dump, dumping = os.pipe()
    try:
        process = await begin(theirs.fileno(), dumping)
    except BaseException:
        ours.close()
        os.close(dump)
        raise
    finally:
        theirs.close()
        os.close(dumping)
    channel: Channel[OfWorker] = Channel(ours, OfWorker)
    channel.send(start)
    return WorkerProcess(process, channel, dump, show, metrics)
