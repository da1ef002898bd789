"""The candidates: each asks as a graph asks a component, and gives the whole answer."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import httpcore2
import httptools
import httpx2

from infergraph.graph.remote.headers import forwarded
from infergraph.graph.remote.http_transport import HttpTransport

HEADERS = forwarded([(b"authorization", b"Bearer x"), (b"x-request-id", b"1")], "id-1")
IDLE_S = 1.5
CONNECT_S = 5.0
LARGEST = 64 * 2**20


class Client(Protocol):
    """Asks one component."""

    async def ask(self, url: str, body: bytes) -> bytes:
        """The whole answer to a POST."""

    async def close(self) -> None:
        """Close every connection."""


class Aiohttp:
    """As the graph does it."""

    def __init__(self) -> None:
        self._transport = HttpTransport()

    async def ask(self, url: str, body: bytes) -> bytes:
        answer = await self._transport.send("POST", url, HEADERS, body, answer_bytes=LARGEST, connect_s=CONNECT_S)
        return answer.body

    async def close(self) -> None:
        await self._transport.close()


class Httpx2:
    """With the same settings, and the same look at the size of the answer."""

    def __init__(self) -> None:
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=IDLE_S)
        timeout = httpx2.Timeout(None, connect=CONNECT_S)
        self._client = httpx2.AsyncClient(limits=limits, timeout=timeout, trust_env=False, follow_redirects=False)

    async def ask(self, url: str, body: bytes) -> bytes:
        async with self._client.stream("POST", url, headers=HEADERS, content=body) as response:
            return await _whole(response.aiter_raw())

    async def close(self) -> None:
        await self._client.aclose()


class Httpcore2:
    """What httpx2 stands on, without it."""

    def __init__(self) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            max_connections=None, max_keepalive_connections=None, keepalive_expiry=IDLE_S
        )

    async def ask(self, url: str, body: bytes) -> bytes:
        headers = [("host", url.split("/")[2]), *HEADERS, ("content-length", str(len(body)))]
        timeout = {"timeout": {"connect": CONNECT_S}}
        async with self._pool.stream("POST", url, headers=headers, content=body, extensions=timeout) as response:
            return await _whole(response.aiter_stream())

    async def close(self) -> None:
        await self._pool.aclose()


class Bare:
    """The floor: httptools on a socket, no limit, no timeout, no error handled."""

    def __init__(self) -> None:
        self._idle: list[_Connection] = []
        self._lines = "".join(f"{name}: {value}\r\n" for name, value in HEADERS)

    async def ask(self, url: str, body: bytes) -> bytes:
        host, path = url.removeprefix("http://").split("/", 1)
        connection = self._idle.pop() if self._idle else await _connected(host)
        head = f"POST /{path} HTTP/1.1\r\nhost: {host}\r\n{self._lines}content-length: {len(body)}\r\n\r\n"
        answer = await connection.ask(head.encode() + body)
        self._idle.append(connection)
        return answer

    async def close(self) -> None:
        for connection in self._idle:
            connection.transport.close()


class _Connection(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def ask(self, request: bytes) -> "asyncio.Future[bytes]":
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, part: bytes) -> None:
        self._body.append(part)

    def on_message_complete(self) -> None:
        self._answer.set_result(b"".join(self._body))


async def _connected(address: str) -> _Connection:
    host, port = address.split(":")
    _, connection = await asyncio.get_running_loop().create_connection(_Connection, host, int(port))
    return connection


async def _whole(parts: Any) -> bytes:
    chunks, size = [], 0
    async for chunk in parts:
        size += len(chunk)
        if size > LARGEST:
            raise ValueError(size)
        chunks.append(chunk)
    return b"".join(chunks)


CLIENTS: dict[str, Callable[[], Client]] = {
    "aiohttp": Aiohttp,
    "httpx2": Httpx2,
    "httpcore2": Httpcore2,
    "bare httptools": Bare,
}
