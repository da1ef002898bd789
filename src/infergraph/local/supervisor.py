"""The supervisor: holds the ports, starts the workers, replaces what ends, and swaps generations."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from infergraph.errors import SetupError
from infergraph.local.announcement import Announcement, Announcer
from infergraph.local.control_socket import ControlSocket, Outcome
from infergraph.local.cores import count_cores, thread_settings
from infergraph.local.custom_service import CustomService
from infergraph.local.generation import Generation
from infergraph.local.launcher import Launcher
from infergraph.local.leash import leash_to_stdin
from infergraph.local.messages import Start
from infergraph.local.metrics_port import bound_for_metrics
from infergraph.local.monitor import look_s
from infergraph.local.plan import Plan
from infergraph.local.ports import HttpPort, assigned, grpc_port
from infergraph.local.waiting_room import WaitingRoom
from infergraph.local.watch import watch
from infergraph.local.worker_metrics import WorkerMetrics
from infergraph.local.worker_process import WorkerProcess
from infergraph.local.worker_settings import WorkerSettings
from infergraph.servers.http_server import BACKLOG, url_of
from infergraph.servers.limits import Limits
from infergraph.servers.tls import HTTP
from infergraph.telemetry.logs import ShowEvent

if TYPE_CHECKING:
    from infergraph.local.isolated.isolation import Isolation

log = structlog.get_logger("infergraph.workers")

LOAD_EVENTS = frozenset(
    {
        *("unit_loading", "unit_loaded", "unit_elsewhere", "not_run_here", "environment_not_set"),
        *("accelerated", "not_accelerated", "slow_model"),
    }
)
GONE_S = 2.0
"""How long a reload waits for the old workers to accept no more."""
ASSIGN_AGAIN_S = 1.0
AT_ONCE_S = 2.0
"""How long workers that are stopped at once may take to refuse what they have."""


class Supervisor:
    """The life of a supervisor. It loads no model, and imports no numpy unless it isolates units.

    ``reread`` reads the manifests again; ``show`` writes a log event that is complete already.
    """

    def __init__(self, plan: Plan, settings: WorkerSettings, *, reread: Callable[[], Plan], show: ShowEvent) -> None:
        self._plan = plan
        self._settings = settings
        self._reread = reread
        self._show = show
        self._count = 0
        self._current: Generation | None = None
        self._generations: list[Generation] = []
        self._reloading: asyncio.Task[Outcome] | None = None
        self._custom_service: CustomService | None = None
        self._is_open = False
        self._is_stopping = False

    async def run(self, announce: Announcer) -> bool:
        """Serve until told to go. ``announce`` is called once, when the first workers are ready.

        Returns whether everything that ran could be finished; not so after a second signal.

        :raises SetupError: when the port is taken, or no worker can load its models; nothing is served any more then.
        """
        failure: SetupError | None = None
        self._told, self._forced = asyncio.Event(), asyncio.Event()
        self._has_terminal = _has_terminal()
        with contextlib.closing(HttpPort(self._plan, self._settings.count)) as self._http:
            self._grpc = grpc_port(self._plan, self._settings.count)
            self._metrics_socket = bound_for_metrics(self._plan)
            async with asyncio.TaskGroup() as self._tasks:
                self._metrics = WorkerMetrics(self._tasks)
                try:
                    await self._serve(announce)
                except SetupError as error:
                    failure = error
                    self._kill()
                is_finished = await self._end()
        if failure is not None:
            raise failure
        log.info("stopped")
        return is_finished

    async def _serve(self, announce: Announcer) -> None:
        self._listen_to_signals()
        if self._plan.ends_with_stdin:
            leash_to_stdin()
        self._waiting_room = WaitingRoom(_limits(self._plan), self._plan.tls(HTTP))
        if self._plan.listens_early:
            log.info("listening", **self._addresses())
        self._current = self._begin(self._plan)
        self._assign()
        if not await self._unless_told(self._current.settled()):
            return
        if not self._plan.listens_early:
            log.info("listening", **self._addresses())
        announce(found := self._announcement(self._current))
        if found.has_custom_service and self._plan.unit is not None:
            self._custom_service = CustomService(self._plan.unit)
            self._custom_service.start()
        async with ControlSocket(self._http.url, self.reload):
            watching = asyncio.create_task(self._watch())
            await self._told.wait()
            watching.cancel()
            await asyncio.wait([watching])

    def _addresses(self) -> dict[str, str]:
        found = {"url": self._http.url}
        if self._grpc is not None:
            found["grpc"] = self._grpc.address
        if self._metrics_socket is not None:
            found["metrics"] = url_of(self._metrics_socket)
        return found

    def reload(self) -> "asyncio.Task[Outcome]":
        """Begin to replace the workers by those of a new generation; one that is being started already is given up."""
        if self._reloading is not None:
            self._reloading.cancel()
        self._reloading = self._tasks.create_task(self._reload())
        return self._reloading

    async def _reload(self) -> Outcome:
        clock = asyncio.get_running_loop().time
        started_s, number = clock(), self._count + 1
        log.info("reloading", generation=number)
        try:
            await self._swap()
        except SetupError as error:
            outcome = Outcome(error=str(error))
        except asyncio.CancelledError:
            outcome = Outcome(error="given up, as the server goes down or was told to reload once more")
        else:
            outcome = Outcome(generation=number, seconds=round(clock() - started_s, 3))
        if outcome.error is None:
            log.info("reloaded", generation=number, seconds=outcome.seconds)
        else:
            log.error("reload_failed", generation=number, error=outcome.error)
        return outcome

    async def _swap(self) -> None:
        """The new generation is ready before the old one goes. :raises SetupError: when it cannot start."""
        candidate = self._begin(self._reread())
        try:
            await candidate.all_ready()
        except BaseException:
            candidate.kill()
            raise
        old, self._current = self._current, candidate
        self._assign()
        if old is not None:
            old.leave(is_replaced=True)
            # One that hangs is ended by its monitor; whoever cancels this comes too late.
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(old.gone(), GONE_S)

    def _begin(self, plan: Plan) -> Generation:
        self._count += 1
        launcher = self._launcher(plan)
        generation = Generation(self._count, plan, self._settings, launcher, on_change=self._assign, tasks=self._tasks)
        self._generations.append(generation)
        self._tasks.create_task(self._see_out(generation))
        return generation

    async def _see_out(self, generation: Generation) -> None:
        await generation.ended()
        if not self._told.is_set():
            self._generations.remove(generation)

    def _launcher(self, plan: Plan) -> Launcher:
        threads = thread_settings(self._settings.count, count_cores(), plan.manifests)
        isolation = self._isolation(plan, threads)
        start = Start(
            plan=plan if isolation is None else msgspec.structs.replace(plan, started=isolation.started),
            path=sys.path,
            listeners=[listener.fileno() for listener in self._http.listeners],
            url=self._http.url,
            grpc=self._grpc.address if self._grpc else None,
            grpc_listeners=[listener.fileno() for listener in self._grpc.listeners] if self._grpc else [],
            metrics=None if self._metrics_socket is None else self._metrics_socket.fileno(),
            beat_s=look_s(self._settings.heartbeat_s),
            call_s=self._settings.call_s,
        )
        return Launcher(
            start,
            threads,
            show=self._show_of_worker,
            show_load=self._show_of_fork_server,
            metrics=self._metrics,
            is_preloading=self._settings.is_preloading,
            isolation=isolation,
        )

    def _isolation(self, plan: Plan, threads: Mapping[str, str]) -> "Isolation | None":
        """The microservices that are started for units. :raises SetupError: when a unit has none."""
        if not (plan.isolated or plan.fixes):
            return None
        from infergraph.local.isolated.isolation import Isolation

        own = {name: value for name, value in threads.items() if name not in os.environ}
        return Isolation(plan, self._tasks, self._show, threads=own, heartbeat_s=self._settings.heartbeat_s)

    def _assign(self) -> None:
        """Let somebody accept from every listener: ready workers, or while there is none the waiting room."""
        if self._told.is_set() or self._current is None:
            return
        ready = self._current.ready
        if not self._is_open and (self._plan.listens_early or ready):
            self._open()
        listeners = assigned(self._settings.count, {place: worker.pid for place, worker in ready.items()})
        for worker in ready.values():
            worker.accept(frozenset(index for index, pid in listeners.items() if pid == worker.pid))
        try:
            self._waiting_room.accept([] if ready or not self._is_open else self._http.listeners)
            if self._grpc is not None and self._is_open:
                self._grpc.hold(is_free=not ready)
        except OSError as error:  # no file descriptors are left: who connects meanwhile waits
            log.warning("nobody_accepts", error=error.strerror or str(error))
            asyncio.get_running_loop().call_later(ASSIGN_AGAIN_S, self._assign)

    def _open(self) -> None:
        """From now on connections are accepted, if only to be told to wait."""
        self._is_open = True
        if not self._plan.listens_early:
            self._http.listen()
            if self._grpc is not None:
                self._grpc.listen()
        if self._metrics_socket is not None:
            self._metrics_socket.listen(BACKLOG)

    async def _end(self) -> bool:
        """Drain. Returns whether everything could be finished."""
        self._told.set()
        self._http.close()
        if self._grpc is not None:
            self._grpc.close()
        if self._metrics_socket is not None:
            self._metrics_socket.close()
        if self._reloading is not None:
            self._reloading.cancel()
        for generation in self._generations:
            generation.leave(is_replaced=False)
        ending = asyncio.create_task(self._all_ended())
        forced = asyncio.create_task(self._forced.wait())
        await asyncio.wait([ending, forced], return_when=asyncio.FIRST_COMPLETED)
        forced.cancel()
        if not ending.done():
            for generation in self._generations:
                generation.stop()
            await asyncio.wait([ending], timeout=AT_ONCE_S)
            self._kill()
        if self._custom_service is not None:
            await self._custom_service.end()
        await self._waiting_room.close()
        return await ending and not self._forced.is_set()

    async def _all_ended(self) -> bool:
        return all([await generation.ended() for generation in self._generations])

    def _kill(self) -> None:
        for generation in self._generations:
            generation.kill()

    async def _unless_told(self, settled: Any) -> bool:
        """Wait; False when told to go before it is done."""
        waiting = asyncio.create_task(settled)
        told = asyncio.create_task(self._told.wait())
        await asyncio.wait([waiting, told], return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if self._told.is_set():
            waiting.cancel()
            await asyncio.wait([waiting])
            return False
        await waiting
        return True

    async def _watch(self) -> None:
        if self._settings.is_watching:
            async for path in watch(lambda: self._current.plan if self._current else self._plan):
                log.info("changed", path=path)
                self.reload()

    def _announcement(self, generation: Generation) -> Announcement:
        found = [worker.announcement for worker in generation.workers if worker.announcement is not None]
        return found[0]

    def _show_of_worker(self, worker: WorkerProcess, event: Mapping[str, Any]) -> None:
        """What all workers of a generation say alike is shown once."""
        if event.get("event") not in LOAD_EVENTS:
            self._show({**event, "worker": worker.pid})
        elif worker.place == 0 and worker.is_first:
            self._show(event)

    def _show_of_fork_server(self, event: Mapping[str, Any]) -> None:
        self._show(event)

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)

    def _stop(self) -> None:
        """Drain, after the delay that the plan has; at the second call, stop at once."""
        if self._is_stopping:
            log.warning("stopping_at_once")
            self._told.set()
            self._forced.set()
            return
        self._is_stopping = True
        if self._plan.shutdown_delay_s:
            log.info("going", seconds=self._plan.shutdown_delay_s)
            asyncio.get_running_loop().call_later(self._plan.shutdown_delay_s, self._drain)
        else:
            self._drain()

    def _drain(self) -> None:
        log.info("draining")
        self._told.set()
        if self._plan.graceful_s is not None:
            asyncio.get_running_loop().call_later(self._plan.graceful_s, self._forced.set)

    def _hang_up(self) -> None:
        """Reload; but a terminal that was closed says the same, and means that nobody wants this any more."""
        if self._has_terminal and not _has_terminal():
            self._stop()
        elif self._current is not None and not self._told.is_set():
            self.reload()


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _limits(plan: Plan) -> Limits:
    """Those of the waiting room: what flags say. A value out of range is the workers' to refuse."""
    try:
        return Limits(**plan.limits)  # type: ignore[arg-type]
    except ValueError:
        return Limits()
