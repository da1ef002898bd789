"""The HTTP server: uvicorn, with our connections and an end that loses no request."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from infergraph.errors import SetupError
from infergraph.servers.connection import connection_class
from infergraph.servers.limits import Limits
from infergraph.servers.progress import POLL_S, Progress
from infergraph.telemetry import Registry
from infergraph.telemetry.request_meter import RefusalMeter

BACKLOG = 2048


class HttpServer(uvicorn.Server):
    """uvicorn's server. Who runs it decides about signals: set ``should_exit`` to drain, ``force_exit`` to stop.

    What ends before it reaches the application is counted in ``registry``.
    """

    def __init__(self, application: ASGIApp, limits: Limits, registry: Registry | None = None) -> None:
        refusals = RefusalMeter(registry or Registry())
        config = uvicorn.Config(
            application,
            http=connection_class(limits, refusals.refused),
            interface="asgi3",
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
        )
        super().__init__(config)
        self._drain_s = limits.drain_s

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        await super().serve(sockets)
        # Whatever is left, because the drain took too long or was cut short, answers 503; wait until that is said.
        for task in self.server_state.tasks:
            task.cancel()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await asyncio.sleep(0)  # take in what the kernel has accepted already
        await super().shutdown(sockets)

    async def _wait_tasks_to_complete(self) -> None:
        """Wait while requests are being finished; not longer than ``drain_s`` for the next one of them."""
        state = self.server_state
        for connection in list(state.connections):  # also those that were just being accepted
            connection.shutdown()
        progress = Progress(state.total_requests, limit_s=self._drain_s)
        while (state.connections or state.tasks) and not self.force_exit:
            await asyncio.sleep(POLL_S)
            if progress.has_stalled(finished=state.total_requests, left=len(state.tasks)):
                return


def bind(host: str, port: int, flag: str = "--port") -> socket.socket:
    """A socket on which a server can listen; port 0 takes a free one. ``flag`` is what the user chose it with.

    :raises SetupError: when the address is not ours, or the port is in use.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        bound = socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        hint = f"choose another with {flag}, or 0 for a free one" if port else "check --host"
        reason = error.strerror or error
        raise SetupError(f"cannot listen on {host}, port {port}: {reason}; {hint}") from error
    bound.setblocking(False)  # noqa: FBT003 - the standard library's way
    return bound


def url_of(bound: socket.socket) -> str:
    """The URL of a bound socket, one that a client on this machine can use."""
    host, port = bound.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound here
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
