"""A gateway: both its sides, from the start to an end that loses no request."""

import asyncio
import contextlib
import signal
import socket

import structlog

from infergraph.gateway.copies import Copies
from infergraph.gateway.destination import Routes
from infergraph.gateway.grpc_server import GrpcGateway
from infergraph.gateway.http_relay import HttpRelay
from infergraph.gateway.turns import Turns
from infergraph.local.signals import Signals
from infergraph.servers.http_server import BACKLOG, HttpServer, address_of, url_of
from infergraph.servers.limits import Limits

log = structlog.get_logger("infergraph.gateway")

COPIES_S = 5.0
"""How long copies for a shadow have at the end."""


class Gateway:
    """Passes on what comes to two bound sockets until SIGTERM; then it goes on for ``shutdown_delay_s``, and drains."""

    def __init__(self, routes: Routes, limits: Limits, *, shutdown_delay_s: float = 0.0) -> None:
        turns, self._copies = Turns(routes), Copies()
        self._relay = HttpRelay(turns, self._copies, limits)
        self._http = HttpServer(self._relay, limits)
        self._limits = limits
        self._shutdown_delay_s = shutdown_delay_s
        self._told = asyncio.Event()
        self._grpc = GrpcGateway(Turns(routes), self._copies, limits)

    async def run(self, http: socket.socket, grpc: socket.socket) -> None:
        """Serve, and drain when told to go."""
        signals = Signals(dict.fromkeys((signal.SIGTERM, signal.SIGINT), self._leave))
        keeping = asyncio.create_task(signals.keep())
        http.listen(BACKLOG)
        await self._grpc.start(grpc)
        log.info("ready", url=url_of(http), grpc=address_of(grpc))
        serving = asyncio.create_task(self._http.serve([http]))
        await self._told.wait()
        log.info("draining")
        self._http.should_exit = True
        await asyncio.gather(serving, self._grpc.end())
        await self._copies.drain(COPIES_S)
        await asyncio.gather(self._relay.close(), self._grpc.close())
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
        log.info("stopped")

    def _leave(self) -> None:
        """The first signal begins the end, after the delay; the second one ends the delay and whatever still runs."""
        if self._told.is_set() or self._http.should_exit:
            self._http.force_exit = True
            self._grpc.force()
        elif self._shutdown_delay_s:
            log.info("going", seconds=self._shutdown_delay_s)
            delay_s, self._shutdown_delay_s = self._shutdown_delay_s, 0.0
            asyncio.get_running_loop().call_later(delay_s, self._told.set)
        else:
            self._told.set()
