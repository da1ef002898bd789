"""A worker: a process that serves as its supervisor tells it."""

import asyncio
import contextlib
import faulthandler
import itertools
import os
import random
import signal
import socket
import stat
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, NoReturn

from infergraph.errors import NotReady, SetupError
from infergraph.local.channel import Channel
from infergraph.local.leash import end_if_stuck, wait_for_hang_up
from infergraph.local.messages import (
    Accept,
    Beat,
    Drain,
    Failed,
    Gather,
    Gathered,
    Leaving,
    Measure,
    Measured,
    Ready,
    Start,
    StopAtOnce,
    ToWorker,
    Worn,
)
from infergraph.local.signals import Signals
from infergraph.local.unblocked import print_by_lines
from infergraph.local.unit_plan import UnitPlan
from infergraph.local.worker_log import WorkerLog
from infergraph.servers.tls import HTTP
from infergraph.telemetry import Registry, Snapshot
from infergraph.telemetry.logs import configure_logs

if TYPE_CHECKING:
    from infergraph.graph.load import Preloads
    from infergraph.servers.grpc_server import GrpcServer
    from infergraph.servers.http_server import HttpServer

DUMP_SIGNAL = signal.SIGUSR1
GATHER_S = 5.0
"""How long the metrics of all workers are waited for."""


class Worker:
    """The life of one worker. It is ready once everything is loaded, and accepts nothing before that."""

    def __init__(
        self, channel: Channel[ToWorker], start: Start, log: WorkerLog, preloads: "Sequence[Preloads] | None" = None
    ) -> None:
        from infergraph.local.content import content_of

        self._channel = channel
        self._log = log
        self._start = start
        self._registry = Registry(self._gather)
        self._gathering: dict[int, asyncio.Future[Snapshot]] = {}
        self._numbers = itertools.count(1)
        self._content = content_of(start.plan, self._registry, preloads)
        self._application = self._content.application()
        self._listeners = [socket.socket(fileno=descriptor) for descriptor in start.listeners]
        self._grpc_listeners = [socket.socket(fileno=descriptor) for descriptor in start.grpc_listeners]
        self._accepting: dict[int, HttpServer] = {}
        self._serving: dict[asyncio.Task[None], HttpServer] = {}
        self._tls = start.plan.tls(HTTP)
        self._metrics: HttpServer | None = None
        self._requests = _requests_of_a_life(start.plan.unit)
        self._grpc: GrpcServer | None = None
        self._beside: list[asyncio.Task[None]] = []
        self._told = asyncio.Event()
        self._is_loaded = self._is_forced = False

    async def run(self, messages: AsyncIterator[ToWorker]) -> bool:
        """Load, serve, drain. Returns whether everything that ran could be finished.

        :raises SetupError: when it cannot start.
        """
        keeping = self._listen_to_signals().keep()
        tasks = [asyncio.create_task(one) for one in (self._obey(messages), self._beat(), keeping)]
        loading = asyncio.create_task(self._load())
        told = asyncio.create_task(self._told.wait())
        await asyncio.wait([loading, told], return_when=asyncio.FIRST_COMPLETED)
        if loading.done():
            await loading
        if self._is_loaded:
            await told
            await asyncio.gather(*self._serving, *self._beside)
            await self._content.end()
            self._measure()  # the last word on what this worker has counted
        for task in tasks:
            task.cancel()
        return not self._is_forced

    async def _load(self) -> None:
        await self._content.load()
        await self._serve_grpc()
        if self._told.is_set():  # nobody would tell what has been made since then to go
            return
        self._serve_metrics()
        self._is_loaded = True
        self._channel.send(Ready(self._content.announcement(self._start.url, self._start.grpc)))

    async def _serve_grpc(self) -> None:
        if self._start.grpc is None:
            return
        plan = self._start.plan
        self._grpc = self._content.grpc_server()
        if self._start.grpc_listeners:
            await self._grpc.start_closed()
        else:
            await self._grpc.start(plan.host, int(self._start.grpc.rpartition(":")[2]), is_port_shared=True)
        await self._grpc.set_ready()
        self._beside.append(asyncio.create_task(self._grpc.serve()))

    def _serve_metrics(self) -> None:
        """Answer on the port that has the metrics alone, as all workers do."""
        unit = self._start.plan.unit
        if self._start.metrics is None or unit is None:
            return
        from infergraph.servers.http_server import HttpServer
        from infergraph.servers.microservice.app import metrics_application

        application = metrics_application(self._registry, unit.metrics_path)
        self._metrics = HttpServer(application, self._content.limits, self._registry)
        bound = socket.socket(fileno=self._start.metrics)
        self._beside.append(asyncio.create_task(self._metrics.serve([bound])))

    async def _obey(self, messages: AsyncIterator[ToWorker]) -> None:
        async for message in messages:
            match message:
                case Accept(listeners):
                    await self._accept(set(listeners))
                case Measure(number):
                    self._measure(number)
                case Gathered(number, snapshot):
                    if (future := self._gathering.get(number)) is not None and not future.done():
                        future.set_result(snapshot)
                case Drain(is_replaced):
                    self._drain(is_replaced=is_replaced)
                case StopAtOnce():
                    self._stop()
        self._drain(is_replaced=False)  # the supervisor is gone

    async def _beat(self) -> None:
        """Tell again and again that all goes on; not while a call does not, of a model that waits for itself say."""
        from infergraph.graph.running_calls import RUNNING

        while True:
            if RUNNING.longest_s() < self._start.call_s:
                self._channel.send(Beat())  # small, and a worker that logs a lot is not stuck
            self._log.tell_lost()
            self._channel.send(Measured(self._registry.snapshot()), is_droppable=True)
            if self._has_answered_enough():
                self._requests = None
                self._channel.send(Worn())
            await asyncio.sleep(self._start.beat_s)

    def _has_answered_enough(self) -> bool:
        if self._requests is None:
            return False
        by_http = sum(server.state.total_requests for server in self._serving.values())
        return by_http + (self._grpc.finished if self._grpc is not None else 0) >= self._requests

    def _measure(self, number: int = 0) -> None:
        self._channel.send(Measured(self._registry.snapshot(), number))

    async def _gather(self, own: Snapshot) -> Snapshot:
        """The metrics of all workers. :raises NotReady: when the supervisor does not answer in time."""
        number = next(self._numbers)
        self._gathering[number] = gathered = asyncio.get_running_loop().create_future()
        self._channel.send(Gather(number, own))
        try:
            return await asyncio.wait_for(gathered, GATHER_S)
        except TimeoutError:
            raise NotReady("The supervisor does not say what the other workers have measured; try again") from None
        finally:
            del self._gathering[number]

    async def _accept(self, wanted: set[int]) -> None:
        """Accept from these listeners; those of others finish what they have."""
        from infergraph.servers.http_server import HttpServer

        if self._told.is_set():
            return
        self._give_up(self._accepting.keys() - wanted)
        for index in wanted - self._accepting.keys():
            server = self._accepting[index] = HttpServer(
                self._application, self._content.limits, self._content.registry, self._tls
            )
            task = asyncio.create_task(server.serve([self._listeners[index].dup()]))
            self._serving[task] = server
            task.add_done_callback(self._serving.pop)
            if self._grpc is not None and self._grpc_listeners:
                await self._grpc.accept(self._grpc_listeners[index].dup(), index)

    def _give_up(self, listeners: set[int]) -> None:
        from infergraph.local.hand_over import hand_over

        for index in listeners:
            hand_over(self._accepting.pop(index))
            if self._grpc is not None:
                self._grpc.give_up(index)

    def _drain(self, *, is_replaced: bool) -> None:
        if self._told.is_set():
            return
        if is_replaced:
            self._give_up(set(self._accepting))
        else:
            self._content.drain()
        for server in self._accepting.values():
            server.should_exit = True
        for listener in (*self._listeners, *self._grpc_listeners):
            listener.close()
        if self._metrics is not None:
            self._metrics.should_exit = True
        if self._grpc is not None:
            self._grpc.drain()
        self._told.set()
        self._channel.send(Leaving())

    def _stop(self) -> None:
        self._drain(is_replaced=False)
        self._is_forced = True
        for server in self._serving.values():
            server.force_exit = True
        if self._metrics is not None:
            self._metrics.force_exit = True
        if self._grpc is not None:
            self._grpc.stop()

    def _listen_to_signals(self) -> Signals:
        """A worker that is told to go by itself goes; Ctrl-C is the supervisor's to hear."""
        unheard = dict.fromkeys((signal.SIGINT, signal.SIGHUP), lambda: None)
        return Signals({signal.SIGTERM: self._leave, **unheard})

    def _leave(self) -> None:
        if not self._told.is_set():
            self._drain(is_replaced=True)


def _requests_of_a_life(unit: UnitPlan | None) -> int | None:
    """After how many requests a worker is replaced; None for never."""
    if unit is None or not unit.max_requests:
        return None
    return unit.max_requests + random.randint(0, unit.max_requests_jitter)  # noqa: S311 - not for secrets


async def _serve(control: int, preloads: "Sequence[Preloads] | None") -> bool:
    channel: Channel[ToWorker] = Channel(socket.socket(fileno=control), ToWorker)
    loop = asyncio.get_running_loop()
    threading.Thread(target=_end_with_supervisor, args=(control, loop), daemon=True).start()
    log = WorkerLog(channel)
    configure_logs(show=log.show)
    messages = channel.messages()
    start = await anext(messages)
    assert isinstance(start, Start)  # noqa: S101 - the supervisor says so first
    sys.path[:] = start.path
    if start.plan.unit is not None:
        configure_logs(show=log.show, level=start.plan.unit.log_level)
    try:
        return await Worker(channel, start, log, preloads).run(messages)
    except SetupError as error:
        channel.send(Failed(str(error)))
        return False
    finally:
        log.tell_lost()
        channel.wait(0)


def _print_nowhere() -> None:
    """What this process prints was read by its supervisor: a print must not fail the requests that it finishes."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        with contextlib.suppress(OSError):  # a component has closed it
            if stat.S_ISFIFO(os.fstat(number).st_mode):
                os.dup2(nowhere, number)


def _end_with_supervisor(control: int, loop: asyncio.AbstractEventLoop) -> None:
    """In a thread: that the supervisor is gone, the event loop hears too, unless it hangs."""
    wait_for_hang_up(control)
    _print_nowhere()
    end_if_stuck(loop)


def serve(control: int, dump: int, preloads: "Sequence[Preloads] | None" = None) -> NoReturn:
    """Be a worker, with two file descriptors: the control channel, and where to dump.

    ``preloads`` are the objects of each manifest, where this process was forked from one that has loaded them.
    """
    print_by_lines()
    faulthandler.enable()
    faulthandler.register(DUMP_SIGNAL, file=dump, all_threads=True)
    sys.dont_write_bytecode = True  # two edits of a component within a second look the same to Python's cache
    is_finished = _run(control, preloads)
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0 if is_finished else 1)  # a thread of a user's code that never returns must not keep the process


def _run(control: int, preloads: "Sequence[Preloads] | None") -> bool:
    try:
        import uvloop
    except ImportError:  # not on Windows
        return asyncio.run(_serve(control, preloads))
    return uvloop.run(_serve(control, preloads))


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
