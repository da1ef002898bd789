"""A real server in a thread, and raw sockets to it: what is sent and what comes back, byte for byte."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec
import uvloop

from infergraph.servers.http_server import HttpServer
from infergraph.servers.limits import Limits
from infergraph.servers.request import Answering

T = TypeVar("T")


class Answer(msgspec.Struct, frozen=True):
    """One HTTP answer with a Content-Length."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def reason(self) -> Any:
        """The ``status.reason`` of an answer in the form of the v1 protocol."""
        return msgspec.json.decode(self.body)["status"]["reason"]


class Serving:
    """A server that runs in a thread, on a port of its own."""

    def __init__(self, app: Answering, limits: Limits, *, loop: str = "uvloop") -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.server = HttpServer(app, limits)
        self.loop: asyncio.AbstractEventLoop | None = None
        self._loop_factory = uvloop.new_event_loop if loop == "uvloop" else asyncio.new_event_loop
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=self._loop_factory) as runner:
            self.loop = runner.get_loop()
            runner.run(self.server.serve([self.socket]))

    def start(self) -> None:
        self._thread.start()
        self.wait_until(lambda: self.server.has_started)

    def stop(self) -> None:
        self.server.force_exit = True
        self.server.should_exit = True
        self._thread.join()
        self.socket.close()

    def drain(self) -> None:
        """Go down as on SIGTERM; returns when every connection has been told."""
        self.server.should_exit = True
        self.wait_until(lambda: all(connection._is_draining for connection in self.connections()))

    def join(self) -> None:
        self._thread.join()

    def connections(self) -> list[Any]:
        return list(self.server.state.connections)

    def on_loop(self, do: Callable[[], T]) -> T:
        """What ``do`` returns on the server's own thread."""

        async def call() -> T:
            return do()

        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(call(), self.loop).result()

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Ask the server's thread until it is so; the time limit of the test is the only one."""
        while self.loop is None or not self.on_loop(is_so):
            assert self._thread.is_alive()


@contextmanager
def serving(app: Answering, limits: Limits | None = None, *, loop: str = "uvloop") -> Iterator[Serving]:
    """A server for one test; it is gone at its end, whatever happened."""
    running = Serving(app, limits or Limits(), loop=loop)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@contextmanager
def connected(running: Serving) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as client:
        yield client


def read_to_end(client: socket.socket) -> bytes:
    """All that comes until the server closes; a reset is an error."""
    return b"".join(iter(lambda: client.recv(65536), b""))


def talk(running: Serving, request: bytes) -> list[Answer]:
    """Send, and read until the server closes, without closing our side before."""
    with connected(running) as client:
        client.sendall(request)
        return answers(read_to_end(client))


def answers(raw: bytes) -> list[Answer]:
    """Every answer of a connection in order; nothing may be left over."""
    found = []
    while raw:
        answer, raw = _answer(raw)
        found.append(answer)
    return found


def read_answer(client: socket.socket) -> Answer:
    """The next answer of a connection that stays open."""
    raw = b""
    while True:
        received = client.recv(65536)
        assert received, f"closed in the middle of an answer: {raw!r}"
        raw += received
        head, found, body = raw.partition(b"\r\n\r\n")
        if found and len(body) >= int(_headers(head)["content-length"]):
            answer, rest = _answer(raw)
            assert not rest
            return answer


def _answer(raw: bytes) -> tuple[Answer, bytes]:
    head, _, rest = raw.partition(b"\r\n\r\n")
    headers = _headers(head)
    length = int(headers["content-length"])
    assert len(rest) >= length, raw
    return Answer(int(head[9:12]), headers, rest[:length]), rest[length:]


def _headers(head: bytes) -> dict[str, str]:
    lines = [line.partition(": ") for line in head.decode("latin-1").split("\r\n")[1:]]
    return {name: value for name, _, value in lines}
