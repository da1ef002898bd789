"""Requests over aiohttp: pooled connections in an event loop."""

import io
from typing import Any

from infergraph.client.errors import ClientError, ConnectionFailed, ConnectionLost, ConnectTimeout, Timeout
from infergraph.client.request import Reply, Request, Timeouts

LARGE_BYTES = 2**20


class AiohttpTransport:
    """Keeps the connections that answers leave open; it belongs to the event loop of its first request.

    :raises ClientError: when aiohttp is not installed.
    """

    def __init__(self) -> None:
        try:
            import aiohttp
        except ImportError:
            raise ClientError("The client needs aiohttp: pip install 'infergraph[client]'") from None
        self._aiohttp = aiohttp
        self._session: Any = None

    async def send(self, request: Request, timeouts: Timeouts) -> Reply:
        """The whole answer."""
        http = self._aiohttp
        try:
            async with self._opened().request(
                request.method,
                request.url,
                data=_body(request.body),
                headers=request.headers,
                timeout=http.ClientTimeout(total=timeouts.total_s, sock_connect=timeouts.connect_s),
                allow_redirects=False,
            ) as response:
                body = await response.read()
                return Reply(response.status, {name.lower(): v for name, v in response.headers.items()}, body)
        except http.ClientConnectorError as error:
            raise ConnectionFailed(f"{request.url}: no connection: {error.os_error.strerror or error}") from error
        except http.ConnectionTimeoutError as error:
            raise ConnectTimeout(f"{request.url}: no connection within {timeouts.connect_s:.3g} s") from error
        except TimeoutError as error:
            raise Timeout(f"{request.url}: no answer within {timeouts.total_s:.3g} s") from error
        except (http.InvalidURL, ValueError) as error:
            raise ClientError(f"{request.url}: {error}") from error
        except (http.ClientError, OSError) as error:
            raise ConnectionLost(f"{request.url}: the connection ended before the answer was there: {error}") from error

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> Any:
        """The session, made where there is an event loop."""
        if self._session is None:
            connector = self._aiohttp.TCPConnector(limit=0)
            self._session = self._aiohttp.ClientSession(connector=connector, cookie_jar=self._aiohttp.DummyCookieJar())
        return self._session


def _body(body: bytes) -> Any:
    """A large body as a file, of which aiohttp sends one piece after the other and lets the event loop go on."""
    return io.BytesIO(body) if len(body) > LARGE_BYTES else body or None
