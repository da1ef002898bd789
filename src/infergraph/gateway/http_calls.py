"""Requests to predictors over HTTP, passed on as they came."""

from collections.abc import Sequence
from typing import Any, Final

import aiohttp
import msgspec

from infergraph.errors import ComponentLost, ComponentUnreachable
from infergraph.gateway.destination import Destination
from infergraph.graph.remote.connection_headers import OF_THE_CONNECTION, named_by_connection
from infergraph.servers.request import Request

Fields = tuple[tuple[bytes, bytes], ...]

_NOT_PASSED_ON: Final = OF_THE_CONNECTION | {b"content-length", b"date"}
"""What is said anew, too."""
_CONNECT_S: Final = 5.0
_IDLE_S: Final = 10.0
"""Shorter than the engine keeps its connections, so that it is us who close them."""


class Passed(msgspec.Struct, frozen=True):
    """The whole answer of a predictor."""

    status: int
    fields: Fields
    body: bytes


class HttpCalls:
    """A pool of connections; it belongs to the event loop of its first request."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Request, to: Destination, fields: Fields) -> Passed:
        """Pass a request on with these headers, once.

        :raises ComponentUnreachable: when nobody is there: nothing was sent.
        :raises ComponentLost: when the connection ends before the answer is whole.
        """
        query = b"?" + request.query if request.query else b""
        target = (request.raw_path + query).decode("latin-1")
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields]
        try:
            async with self._opened().request(
                request.method,
                _url(to, target),
                headers=headers,
                data=request.body or None,
                allow_redirects=False,
            ) as answer:
                return Passed(answer.status, passed_on(answer.raw_headers), await answer.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise ComponentUnreachable(f"predictor {to.name} cannot be reached at {to.url}: {error}") from error
        except (aiohttp.ClientError, OSError) as error:
            what = f"{type(error).__name__}: {error}"
            raise ComponentLost(f"predictor {to.name} gave no whole answer ({what})") from error

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S),
                skip_auto_headers=("User-Agent", "Accept-Encoding", "Accept", "Content-Type"),
            )
        return self._session


def passed_on(fields: Sequence[tuple[bytes, bytes]]) -> Fields:
    """The headers that go with a message; those that its Connection header names do not (RFC 9110 §7.6.1)."""
    kept_here = _NOT_PASSED_ON | named_by_connection(fields)
    return tuple((name, value) for name, value in fields if name.lower() not in kept_here)


def _url(to: Destination, target: str) -> Any:
    """The target as it came: what is escaped in it stays escaped as it is."""
    from yarl import URL

    return URL(f"{to.url}{target}", encoded=True)
