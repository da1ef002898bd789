"""Run deployments in this process: serve at once, load, answer, and drain when told to go."""

import asyncio
import contextlib
import signal
import socket
from typing import TYPE_CHECKING

import structlog

from infergraph.errors import SetupError
from infergraph.local.announcement import Announcer
from infergraph.local.content import content_of
from infergraph.local.custom_service import CustomService
from infergraph.local.leash import leash_to_stdin
from infergraph.local.metrics_port import bound_for_metrics
from infergraph.local.plan import Plan
from infergraph.local.signals import Signals
from infergraph.servers.http_server import BACKLOG, HttpServer, bind, url_of
from infergraph.servers.microservice.app import metrics_application
from infergraph.servers.tls import HTTP

if TYPE_CHECKING:
    from infergraph.servers.grpc_server import GrpcServer

log = structlog.get_logger("infergraph.run")


class Runner:
    """The life of one serving process without a supervisor."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._content = content_of(plan)
        self._server: HttpServer | None = None
        self._grpc: GrpcServer | None = None
        self._grpc_address: str | None = None
        self._metrics: HttpServer | None = None
        self._metrics_socket: socket.socket | None = None
        self._custom_service: CustomService | None = None
        self._may_listen = asyncio.Event()
        self._is_told = False

    async def run(self, announce: Announcer) -> bool:
        """Serve until told to go. ``announce`` is called once everything is ready.

        Returns whether everything that ran could be finished; not so after a second signal.

        :raises SetupError: when the port is taken, or a model does not load; nothing is served any more then.
        """
        content = self._content
        plan = self._plan
        bound = bind(plan.host, plan.port, plan.port_flag, is_listening=plan.listens_early)
        url = url_of(bound, plan.scheme)
        self._metrics_socket = bound_for_metrics(plan)
        self._server = HttpServer(content.application(), content.limits, content.registry, plan.tls(HTTP))
        signals = Signals(dict.fromkeys((signal.SIGINT, signal.SIGTERM), self._stop))
        keeping = asyncio.create_task(signals.keep())
        if plan.ends_with_stdin:
            leash_to_stdin()
        if self._plan.listens_early:
            await self._listen(bound)
        serving = asyncio.create_task(self._serve(bound))
        loading = asyncio.create_task(self._load(bound))
        await asyncio.wait([serving, loading], return_when=asyncio.FIRST_COMPLETED)
        if not loading.done():
            loading.cancel()
        elif loading.exception() is None and not self._server.should_exit:
            announce(found := content.announcement(url, self._grpc_address))
            if found.has_custom_service and plan.unit is not None:
                self._custom_service = CustomService(plan.unit)
                self._custom_service.start()
        await serving
        if self._custom_service is not None:
            await self._custom_service.end()
        with contextlib.suppress(asyncio.CancelledError):  # told to go while it was loading
            await loading
        await self._content.end()
        keeping.cancel()
        log.info("stopped")
        return not self._server.force_exit

    async def _listen(self, bound: socket.socket) -> None:
        """From now on connections are accepted."""
        bound.listen(BACKLOG)
        if self._metrics_socket is not None:
            self._metrics_socket.listen(BACKLOG)
        self._grpc_address = address = await self._listen_to_grpc()
        metrics = self._metrics_socket
        log.info(
            "listening",
            url=url_of(bound, self._plan.scheme),
            **({"grpc": address} if address else {}),
            **({"metrics": url_of(metrics)} if metrics else {}),
        )
        self._may_listen.set()

    async def _listen_to_grpc(self) -> str | None:
        """Where gRPC listens; None when it is not asked for."""
        if self._plan.grpc_port is None:
            return None
        self._grpc = self._content.grpc_server()
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
        await self._may_listen.wait()
        if self._server.should_exit and not self._plan.listens_early:  # told to go while it was loading
            bound.close()
            return
        serving = [self._server.serve([bound])]
        if self._grpc is not None:
            serving.append(self._grpc.serve())
        if self._metrics_socket is not None and self._plan.unit is not None:
            application = metrics_application(self._content.registry, self._plan.unit.metrics_path)
            self._metrics = HttpServer(application, self._content.limits, self._content.registry)
            serving.append(self._metrics.serve([self._metrics_socket]))
        await asyncio.gather(*serving)

    async def _load(self, bound: socket.socket) -> None:
        assert self._server is not None  # noqa: S101 - `run` has set it
        try:
            await self._content.load()
            if not self._plan.listens_early and not self._server.should_exit:
                await self._listen(bound)
        except Exception:
            self._drain()
            raise
        if self._grpc is not None:
            await self._grpc.set_ready()

    def _stop(self) -> None:
        """Drain, after the delay that the plan has; at the second call, stop at once."""
        if self._is_told:
            log.warning("stopping_at_once")
            self._drain()
            self._stop_at_once()
            return
        self._is_told = True
        if self._plan.shutdown_delay_s:
            log.info("going", seconds=self._plan.shutdown_delay_s)
            asyncio.get_running_loop().call_later(self._plan.shutdown_delay_s, self._drain)
        else:
            self._drain()

    def _stop_at_once(self) -> None:
        assert self._server is not None  # noqa: S101 - set before anybody can call
        self._server.force_exit = True
        if self._metrics is not None:
            self._metrics.force_exit = True
        if self._grpc is not None:
            self._grpc.stop()

    def _drain(self) -> None:
        assert self._server is not None  # noqa: S101 - set before anybody can call
        if self._server.should_exit:
            return
        log.info("draining")
        if self._plan.graceful_s is not None:
            asyncio.get_running_loop().call_later(self._plan.graceful_s, self._stop_at_once)
        self._content.drain()
        self._server.should_exit = True
        if self._metrics is not None:
            self._metrics.should_exit = True
        self._may_listen.set()
        if self._grpc is not None:
            self._grpc.drain()
