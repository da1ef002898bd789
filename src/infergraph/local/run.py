"""Run deployments in this process: serve at once, load, answer, and drain when told to go."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import structlog

from infergraph.declaration import Manifest, defaulted
from infergraph.errors import SetupError
from infergraph.graph.compile import compile_deployment
from infergraph.graph.load import Sources, load_deployment
from infergraph.graph.shadow import Shadows
from infergraph.graph.step import Executable
from infergraph.local.left_out import left_out
from infergraph.local.settings import grpc_target, limits_for, timeout_of, widest
from infergraph.servers.app import Application
from infergraph.servers.http_server import HttpServer, bind, url_of
from infergraph.servers.limits import Limits
from infergraph.servers.served import Components, Served

if TYPE_CHECKING:
    from infergraph.servers.grpc_server import GrpcServer

log = structlog.get_logger("infergraph.run")

Announcer = Callable[[str, Sequence[Served], str | None], None]
"""Told the URL, the deployments, and the address of gRPC where there is one."""

SHADOW_DRAIN_S = 5.0


class Plan(msgspec.Struct, frozen=True):
    """What to run, and where; without a ``grpc_port`` over REST only.

    A ``grpc_port`` that nobody chose gives way to a free one when it is in use.
    ``limits`` are those that flags or the environment set, by field name.
    """

    manifests: Sequence[Manifest]
    host: str = "127.0.0.1"
    port: int = 8000
    grpc_port: int | None = None
    is_grpc_port_chosen: bool = True
    artifacts: Mapping[str, Path] = {}
    classes: Mapping[str, str] = {}
    limits: Mapping[str, float] = {}


class Loaded(msgspec.Struct, frozen=True):
    """One deployment, ready to answer."""

    executable: Executable
    components: Components


class Runner:
    """The life of one serving process."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._manifests = [_defaulted(manifest) for manifest in plan.manifests]
        deployments = [manifest.deployment for manifest in self._manifests]
        self._limits = [limits_for(deployment, plan.limits) for deployment in deployments]
        self.served = [
            Served(deployment, limits, timeout_s=timeout_of(deployment))
            for deployment, limits in zip(deployments, self._limits, strict=True)
        ]
        for deployment in deployments:
            for sentence in left_out(deployment):
                log.warning("not_run_here", deployment=deployment.name, what=sentence)
        self._targets = [grpc_target(served) for served in self.served]
        self._shadows = Shadows()
        self._server: HttpServer | None = None
        self._grpc: GrpcServer | None = None

    async def run(self, announce: Announcer) -> bool:
        """Serve until told to go. ``announce`` is called once everything is ready.

        Returns whether everything that ran could be finished; not so after a second signal.

        :raises SetupError: when the port is taken, or a model does not load; nothing is served any more then.
        """
        bound = bind(self._plan.host, self._plan.port)
        self._server = HttpServer(Application(self.served), widest(self._limits))
        url, address = url_of(bound), await self._listen_to_grpc()
        self._listen_to_signals()
        log.info("listening", url=url, **({"grpc": address} if address else {}))
        serving = asyncio.create_task(self._serve(bound))
        loading = asyncio.create_task(self._load())
        await asyncio.wait([serving, loading], return_when=asyncio.FIRST_COMPLETED)
        if not loading.done():
            loading.cancel()
        elif loading.exception() is None:
            announce(url, self.served, address)
        await serving
        with contextlib.suppress(asyncio.CancelledError):  # told to go while it was loading
            await loading
        await self._shadows.drain(SHADOW_DRAIN_S)
        log.info("stopped")
        return not self._server.force_exit

    async def _listen_to_grpc(self) -> str | None:
        """Where gRPC listens; None when it is not asked for."""
        if self._plan.grpc_port is None:
            return None
        from infergraph.servers.grpc_server import GrpcServer

        self._grpc = GrpcServer(self._targets, widest(self._limits))
        try:
            return await self._grpc.start(self._plan.host, self._plan.grpc_port)
        except SetupError as error:
            if self._plan.is_grpc_port_chosen:
                raise
            # Nobody asked for this very port: a second deployment on the same machine must not fail for it.
            log.warning("grpc_port_taken", port=self._plan.grpc_port, error=str(error))
            return await self._grpc.start(self._plan.host, 0)

    async def _serve(self, bound: socket.socket) -> None:
        assert self._server is not None  # noqa: S101 - `run` has set it
        await asyncio.gather(self._server.serve([bound]), *([self._grpc.serve()] if self._grpc else []))

    async def _load(self) -> None:
        try:
            loaded = await _in_daemon_thread(self._loaded)
        except Exception:
            self._stop()
            raise
        for served, one in zip(self.served, loaded, strict=True):
            served.start(one.executable, one.components)
        if self._grpc is not None:
            await self._grpc.set_ready()

    def _loaded(self) -> list[Loaded]:
        sources = Sources(self._plan.artifacts, self._plan.classes)
        loaded = []
        for manifest, limits in zip(self._manifests, self._limits, strict=True):
            components = load_deployment(manifest, sources)
            loaded.append(Loaded(self._compiled(manifest, components, limits), components))
        return loaded

    def _compiled(self, manifest: Manifest, components: Components, limits: Limits) -> Executable:
        return compile_deployment(
            manifest.deployment,
            components,
            shadows=self._shadows,
            queue_length=limits.queue_length,
            batch_rows=limits.batch_rows,
        )

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)

    def _stop(self) -> None:
        """Drain; at the second call, stop at once."""
        assert self._server is not None  # noqa: S101 - set before anybody can call
        if self._server.should_exit:
            log.warning("stopping_at_once")
            self._server.force_exit = True
            if self._grpc is not None:
                self._grpc.stop()
            return
        log.info("draining")
        for served in self.served:
            served.drain()
        self._server.should_exit = True
        if self._grpc is not None:
            self._grpc.drain()


def _defaulted(manifest: Manifest) -> Manifest:
    return msgspec.structs.replace(manifest, deployment=defaulted(manifest.deployment))


async def _in_daemon_thread(function: Callable[[], list[Loaded]]) -> list[Loaded]:
    """The result of a function that may take for ever: its thread does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[Loaded]] = loop.create_future()

    def set_result(result: list[Loaded] | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        elif result is not None:
            future.set_result(result)

    def run() -> None:
        result, error = None, None
        try:
            result = function()
        except Exception as raised:  # noqa: BLE001 - handed to who waits
            error = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(set_result, result, error)

    threading.Thread(target=run, name="load", daemon=True).start()
    return await future
