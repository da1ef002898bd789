"""The servers, each as it would be embedded: `python -m benchmarks.servers.candidates NAME` says its port."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import httptools
import uvloop

from benchmarks.servers.application import application, asgi, rsgi
from infergraph.servers.http_server import HttpServer, bind
from infergraph.servers.limits import Limits
from tests.ports import free_port


async def ours() -> None:
    """Our protocol, which asks the application directly."""
    bound = _bound()
    await HttpServer(application(), Limits()).serve([bound])


async def uvicorn() -> None:
    """uvicorn over ASGI, with httptools and uvloop, without limits of ours."""
    import uvicorn as package

    config = package.Config(asgi(), http="httptools", ws="none", lifespan="off", access_log=False, log_level="critical")
    await package.Server(config).serve([_bound()])


async def granian() -> None:
    """granian over RSGI in our event loop."""
    from granian.server.embed import Server

    await Server(rsgi(), port=free_port(), backlog=2048, log_enabled=False, websockets=False).serve()


async def bytes_only() -> None:
    """The floor: httptools on a bare protocol that answers the bytes of the body and knows no application."""
    server = await asyncio.get_running_loop().create_server(BytesOnly, sock=_bound())
    await server.serve_forever()


class BytesOnly(asyncio.Protocol):
    """Sends back the body of each request."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._parser = httptools.HttpRequestParser(self)
        self._body = b""

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(self._body), self._body))
        self._body = b""


def granian_launcher() -> None:
    """granian over RSGI, started by its own launcher with one worker."""
    port = free_port()
    command = ["-m", "granian", "--interface", "rsgi", "--factory", "--loop", "uvloop", "--no-ws", "--no-log"]
    os.execv(sys.executable, [sys.executable, *command, "--port", f"{port}", "benchmarks.servers.application:rsgi"])


IN_OUR_LOOP: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
    "ours": ours,
    "uvicorn ASGI": uvicorn,
    "granian RSGI, embedded": granian,
    "bytes only (floor)": bytes_only,
}
NAMES = (*IN_OUR_LOOP, "granian RSGI, launcher")


def _bound() -> socket.socket:
    bound = bind("127.0.0.1", 0)
    _say_port(bound.getsockname()[1])
    return bound


def _say_port(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    chosen = sys.argv[1]
    if chosen in IN_OUR_LOOP:
        uvloop.run(IN_OUR_LOOP[chosen]())
    else:
        granian_launcher()
