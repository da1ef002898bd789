"""Run deployments in this process: serve at once, load, answer, and drain when told to go."""

import asyncio
import contextlib
import signal
import socket
from typing import TYPE_CHECKING

import structlog

from infergraph.errors import SetupError
from infergraph.local.announcement import Announcer, announcement
from infergraph.local.deployments import Deployments
from infergraph.local.plan import Plan
from infergraph.local.signals import Signals
from infergraph.servers.app import Application
from infergraph.servers.http_server import HttpServer, bind, url_of

if TYPE_CHECKING:
    from infergraph.servers.grpc_server import GrpcServer

log = structlog.get_logger("infergraph.run")


class Runner:
    """The life of one serving process without a supervisor."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._deployments = Deployments(plan)
        self._server: HttpServer | None = None
        self._grpc: GrpcServer | None = None

    async def run(self, announce: Announcer) -> bool:
        """Serve until told to go. ``announce`` is called once everything is ready.

        Returns whether everything that ran could be finished; not so after a second signal.

        :raises SetupError: when the port is taken, or a model does not load; nothing is served any more then.
        """
        bound = bind(self._plan.host, self._plan.port)
        served = self._deployments.served
        self._server = HttpServer(Application(served), self._deployments.limits, self._deployments.registry)
        url, address = url_of(bound), await self._listen_to_grpc()
        signals = Signals(dict.fromkeys((signal.SIGINT, signal.SIGTERM), self._stop))
        keeping = asyncio.create_task(signals.keep())
        log.info("listening", url=url, **({"grpc": address} if address else {}))
        serving = asyncio.create_task(self._serve(bound))
        loading = asyncio.create_task(self._load())
        await asyncio.wait([serving, loading], return_when=asyncio.FIRST_COMPLETED)
        if not loading.done():
            loading.cancel()
        elif loading.exception() is None:
            announce(announcement(url, served, address))
        await serving
        with contextlib.suppress(asyncio.CancelledError):  # told to go while it was loading
            await loading
        await self._deployments.end()
        keeping.cancel()
        log.info("stopped")
        return not self._server.force_exit

    async def _listen_to_grpc(self) -> str | None:
        """Where gRPC listens; None when it is not asked for."""
        if self._plan.grpc_port is None:
            return None
        from infergraph.servers.grpc_server import GrpcServer, GrpcServerKind

        kind = GrpcServerKind(self._plan.grpc_server)
        self._grpc = GrpcServer(self._deployments.targets, self._deployments.limits, kind=kind)
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
            await self._deployments.load()
        except Exception:
            self._stop()
            raise
        if self._grpc is not None:
            await self._grpc.set_ready()

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
        self._deployments.drain()
        self._server.should_exit = True
        if self._grpc is not None:
            self._grpc.drain()
