"""What answers while no worker is ready: alive, not ready, try again in a moment."""

import asyncio
import contextlib
from collections.abc import Sequence
from socket import socket

import msgspec
from starlette.types import Receive, Scope, Send

from infergraph.errors import NotReady
from infergraph.local.hand_over import hand_over
from infergraph.servers.http_server import HttpServer
from infergraph.servers.limits import Limits

INFO = "No worker is ready yet; try again in a moment"


class WaitingRoom:
    """Accepts from some listeners in the supervisor's own process."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._server: HttpServer | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def accept(self, listeners: Sequence[socket]) -> None:
        """Answer on these from now on; on none, and what is connected is shown out."""
        if listeners and self._server is None:
            self._server = HttpServer(_answer, self._limits)
            task = asyncio.create_task(self._server.serve([listener.dup() for listener in listeners]))
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


async def _answer(scope: Scope, _receive: Receive, send: Send) -> None:
    path = scope["path"]
    is_alive = path == "/live" or (path.startswith("/seldon/") and path.endswith("/live"))
    is_plain = is_alive or path == "/ready"
    body = b"" if is_plain else _body(path)
    headers = [(b"content-length", b"%d" % len(body)), (b"connection", b"close")]
    if not is_alive:
        headers.append((b"retry-after", b"1"))
    if not is_plain:
        headers.append((b"content-type", b"application/json"))
    await send({"type": "http.response.start", "status": 200 if is_alive else NotReady.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _body(path: str) -> bytes:
    """In the form of the protocol that the path belongs to."""
    if "/v1/" in path or "/v2/" in path:
        return msgspec.json.encode({"error": INFO})
    status = {"code": NotReady.status, "info": INFO, "reason": NotReady.reason, "status": "FAILURE"}
    return msgspec.json.encode({"status": status})
