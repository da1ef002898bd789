"""The HTTP server: accepts connections, and ends without losing a request."""

import asyncio
import os
import socket
import ssl
from collections.abc import Sequence
from typing import Any

from infergraph.errors import SetupError
from infergraph.servers.accepting import accept_no_more
from infergraph.servers.connection import Connection
from infergraph.servers.limits import Limits
from infergraph.servers.progress import POLL_S, Progress
from infergraph.servers.request import Answering
from infergraph.servers.server_state import ServerState
from infergraph.servers.tls import listening_options
from infergraph.telemetry import Registry
from infergraph.telemetry.request_meter import RefusalMeter

BACKLOG = 2048
TELL_TIME_S = 0.5
QUIET_TURNS = 5
"""So many turns of the event loop without a new connection, and none waits."""


class HttpServer:
    """Serves what an application answers. Set ``should_exit`` to drain, ``force_exit`` as well to stop at once.

    What ends before it reaches the application is counted in ``registry``. With ``tls`` it speaks nothing else.
    """

    def __init__(
        self,
        application: Answering,
        limits: Limits,
        registry: Registry | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.state = ServerState(application, limits, RefusalMeter(registry or Registry()).refused)
        self.should_exit = self.force_exit = self.has_started = False
        self._drain_s = limits.drain_s
        self._options = listening_options(tls, limits.header_timeout_s)
        self._listening: list[asyncio.Server] = []

    async def serve(self, sockets: Sequence[socket.socket]) -> None:
        """Serve on bound sockets until told to go, and then until every request is answered."""
        loop = asyncio.get_running_loop()
        for one in sockets:
            self._listening.append(
                await loop.create_server(
                    lambda: Connection(self.state, loop), sock=one, backlog=BACKLOG, **self._options
                )
            )
        self.has_started = True
        told_s = loop.time()
        while not self.should_exit:
            await asyncio.sleep(POLL_S)
            if loop.time() - told_s >= TELL_TIME_S:
                told_s = loop.time()
                self.state.tell_time()
        await self._take_in()
        self.stop_listening()
        await self._drain()
        await self._refuse_rest()

    async def _take_in(self) -> None:
        """Accept what the kernel has accepted already: uvloop takes one connection in a turn of the event loop."""
        quiet = 0
        for _ in range(2 * BACKLOG):
            before = self.state.total_connections
            await asyncio.sleep(0)
            quiet = quiet + 1 if self.state.total_connections == before else 0
            if quiet == QUIET_TURNS:
                return

    def stop_listening(self) -> None:
        """Accept no more connections; those that are there go on."""
        for listening in self._listening:
            accept_no_more(listening)

    async def _drain(self) -> None:
        """Wait while requests are being finished; not longer than ``drain_s`` for the next one of them."""
        state = self.state
        progress = Progress(state.total_requests, limit_s=self._drain_s)
        while not self.force_exit:
            for connection in list(state.connections):  # also those that were just being accepted
                connection.shutdown()
            if not (state.connections or state.tasks):
                return
            await asyncio.sleep(POLL_S)
            if progress.has_stalled(finished=state.total_requests, left=len(state.tasks)):
                return

    async def _refuse_rest(self) -> None:
        """Whatever is left, because the drain took too long or was cut short, answers 503; wait until that is said."""
        tasks = list(self.state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in list(self.state.connections):
            connection.end()


def bind(host: str, port: int, flag: str = "--port", *, is_listening: bool = True) -> socket.socket:
    """A socket on which a server can listen; port 0 takes a free one. ``flag`` is what the user chose it with.

    Unless ``is_listening``, whoever connects before a server does is refused.

    :raises SetupError: when the address is not ours, or the port is in use.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        bound = _bound(family, address[:2])
        if is_listening:
            bound.listen(BACKLOG)
    except OSError as error:
        hint = f"choose another with {flag}, or 0 for a free one" if port else "check --host"
        reason = error.strerror or error
        raise SetupError(f"cannot listen on {host}, port {port}: {reason}; {hint}") from error
    bound.setblocking(False)  # noqa: FBT003 - the standard library's way
    return bound


def _bound(family: int, address: tuple[Any, ...]) -> socket.socket:
    """As `socket.create_server`, but for listening."""
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def url_of(bound: socket.socket, scheme: str = "http") -> str:
    """The URL of a bound socket, one that a client on this machine can use."""
    return f"{scheme}://{address_of(bound)}"


def address_of(bound: socket.socket) -> str:
    """The address of a bound socket with its port, one that a client on this machine can use."""
    host, port = bound.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound here
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
