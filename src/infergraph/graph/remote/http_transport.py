"""HTTP requests to components, over connections that stay open."""

import asyncio
import os
import socket
from collections.abc import Sequence
from typing import Any

import msgspec

from infergraph.errors import LoadError
from infergraph.graph.remote.failure import CallFailed, ConnectTimedOut, NotConnected

KEEP_ALIVE_S = 1.5
"""How long a connection may idle. Shorter than the two seconds of the v1 wrapper's server: a request that is sent just
as the other side closes is lost, and cannot be sent again, as nobody knows whether it was read."""

HeaderLines = Sequence[tuple[str, str]]


class HttpAnswer(msgspec.Struct, frozen=True):
    """An answer that is whole."""

    status: int
    body: bytes


class HttpTransport:
    """Asks components over aiohttp. It belongs to the event loop of its first request.

    Nothing is sent twice. There is no deadline but the caller's: cancelling closes the connection.

    :raises LoadError: when aiohttp is not installed.
    """

    def __init__(self) -> None:
        try:
            import aiohttp
        except ImportError:
            raise LoadError(
                "a unit runs in another process, and what calls it is not installed; "
                "pip install 'infergraph[remote]' brings it"
            ) from None
        self._aiohttp = aiohttp
        self._session: Any = None
        self._timeouts: dict[float, Any] = {}

    async def send(
        self, method: str, url: str, headers: HeaderLines, body: bytes | None, *, answer_bytes: int, connect_s: float
    ) -> HttpAnswer:
        """The whole answer, over a connection that is there or takes at most ``connect_s`` to be made.

        :raises NotConnected: when there is no connection.
        :raises CallFailed: when the connection ends before the answer is whole, or the answer is larger than
            ``answer_bytes``.
        """
        http = self._aiohttp
        if self._session is None:
            self._session = self._opened()
        try:
            async with self._session.request(
                method, url, headers=headers, data=body, allow_redirects=False, timeout=self._timeout(connect_s)
            ) as response:
                return HttpAnswer(response.status, await _body(response, answer_bytes))
        except http.ClientConnectorError as error:
            raise NotConnected(_reason(error.os_error)) from error
        except http.ConnectionTimeoutError as error:
            raise ConnectTimedOut(f"no connection within {connect_s:g} s") from error
        except http.ClientPayloadError as error:
            raise CallFailed("the connection ended in the middle of the answer") from error
        except http.ClientResponseError as error:
            raise CallFailed(f"what it says is no HTTP ({_first_line(error.message)})") from error
        except (http.ClientError, OSError) as error:
            raise CallFailed(f"the connection ended before an answer came ({_reason(error)})") from error

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _timeout(self, connect_s: float) -> Any:
        """Only for the connection: the whole call has the caller's deadline."""
        if connect_s not in self._timeouts:
            self._timeouts[connect_s] = self._aiohttp.ClientTimeout(total=None, connect=connect_s)
        return self._timeouts[connect_s]

    def _opened(self) -> Any:
        http = self._aiohttp
        return http.ClientSession(
            connector=http.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_S, socket_factory=_probing_socket),
            cookie_jar=http.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept-Encoding", "Accept", "Content-Type"),
        )


def _probing_socket(address: tuple[Any, ...]) -> socket.socket:
    """A socket that finds out when the machine on the other side is gone: without a timeout, nothing else would.

    The times are those of Go, in which upstream's engine is written: ten lost probes, 15 s apart.
    """
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 9)):
        if hasattr(socket, name):  # not everywhere
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return made


async def _body(response: Any, answer_bytes: int) -> bytes:
    chunks, size = [], response.content_length or 0
    if size <= answer_bytes:
        size = 0
        async for chunk in response.content.iter_any():
            chunks.append(chunk)
            size += len(chunk)
            if size > answer_bytes:
                break
    if size > answer_bytes:
        response.close()
        raise CallFailed(f"its answer has more than {answer_bytes:,} bytes")
    return b"".join(chunks)


def _first_line(text: str) -> str:
    """Of what the parser says: the next ones draw where."""
    return text.partition("\n")[0].rstrip(" :")[:100].lower()


def _reason(error: BaseException) -> str:
    """What the system says of an error."""
    number = getattr(error, "errno", None)
    return (os.strerror(number) if number else str(error) or type(error).__name__).lower()


async def dial(host: str, port: int, timeout_s: float) -> bool:
    """Whether somebody listens there."""
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
