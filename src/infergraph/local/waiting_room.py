"""What answers while no worker is ready: alive, not ready, try again in a moment."""

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from socket import socket

import msgspec

from infergraph.errors import NotReady
from infergraph.local.hand_over import hand_over
from infergraph.servers.http_server import HttpServer
from infergraph.servers.limits import Limits
from infergraph.servers.request import Reply, Request

INFO = "No worker is ready yet; try again in a moment"


class WaitingRoom:
    """Accepts from some listeners in the supervisor's own process."""

    def __init__(self, limits: Limits, tls: ssl.SSLContext | None = None) -> None:
        self._limits = limits
        self._tls = tls
        self._server: HttpServer | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def accept(self, listeners: Sequence[socket]) -> None:
        """Answer on these from now on; on none, and what is connected is shown out.

        :raises OSError: when there are no file descriptors for that.
        """
        if listeners and self._server is None:
            own = [listener.dup() for listener in listeners]
            self._server = HttpServer(NobodyIsReady(), self._limits, tls=self._tls)
            task = asyncio.create_task(self._server.serve(own))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif not listeners and self._server is not None:
            hand_over(self._server)
            self._server = None

    async def close(self) -> None:
        self.accept([])
        for task in list(self._tasks):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(task, 2 * self._limits.drain_grace_s)


class NobodyIsReady:
    """Says so, whatever is asked; nobody reads a body."""

    def accept(self, request: Request) -> int:  # noqa: ARG002 - whatever it is
        return 0

    async def __call__(self, request: Request) -> Reply:
        path = request.path
        is_alive = path == "/live" or (path.startswith("/seldon/") and path.endswith("/live"))
        is_plain = is_alive or path == "/ready"
        body = b"" if is_plain else _body(path)
        head = b"content-length: %d\r\n" % len(body)
        if not is_alive:
            head += b"retry-after: 1\r\n"
        if not is_plain:
            head += b"content-type: application/json\r\n"
        return Reply(200 if is_alive else NotReady.status, head, body, closes=True)


def _body(path: str) -> bytes:
    """In the form of the protocol that the path belongs to."""
    if "/v1/" in path or "/v2/" in path:
        return msgspec.json.encode({"error": INFO})
    status = {"code": NotReady.status, "info": INFO, "reason": NotReady.reason, "status": "FAILURE"}
    return msgspec.json.encode({"status": status})
