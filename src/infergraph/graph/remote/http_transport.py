"""HTTP requests to components, over connections that stay open."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from infergraph.errors import LoadError

KEEP_ALIVE_S = 15.0
"""How long a connection may wait for its next request."""
CONNECT_S = 5.0
"""How long a connection may take to be made."""

HeaderLines = Sequence[tuple[str, str]]


class HttpAnswer(msgspec.Struct, frozen=True):
    """An answer that is whole."""

    status: int
    content_type: str
    location: str
    body: bytes


class CallFailed(Exception):
    """Raised when a call has no whole answer; ``str(error)`` says why, as the end of a sentence."""


class NotConnected(CallFailed):
    """Raised when there is no connection: nothing was sent."""


class ConnectionLost(CallFailed):
    """Raised when the connection ends, or says what is not HTTP, before the answer is whole."""


class AnswerTooLarge(CallFailed):
    """Raised when an answer has more bytes than it may."""


class HttpTransport:
    """Asks components over aiohttp. It belongs to the event loop of its first request.

    A connection that the component has closed while it was idle fails no request: one that has got no byte of an
    answer on a connection used before goes again over a new one. A request that must not be executed twice has a
    connection of its own.

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
        self._pooled: Any = None
        self._single: Any = None

    async def send(
        self,
        method: str,
        url: str,
        headers: HeaderLines,
        body: bytes | None,
        *,
        answer_bytes: int,
        is_repeatable: bool = True,
    ) -> HttpAnswer:
        """The whole answer. There is no deadline but the caller's: cancelling closes the connection.

        :raises NotConnected: when there is no connection.
        :raises ConnectionLost: when the connection ends before the answer is whole.
        :raises AnswerTooLarge: when the answer has more than ``answer_bytes`` bytes.
        """
        http = self._aiohttp
        self._open()
        session = self._pooled if is_repeatable else self._single
        use: dict[str, bool] = {}
        try:
            try:
                return await _exchange(session, method, url, headers, body, use, answer_bytes)
            except (http.ServerDisconnectedError, http.ClientOSError) as error:
                if not use.get("is_reused") or "answered" in use or isinstance(error, http.ClientConnectorError):
                    raise
            return await _exchange(self._single, method, url, headers, body, {}, answer_bytes)
        except http.ClientConnectorError as error:
            raise NotConnected(_reason(error.os_error)) from error
        except http.ConnectionTimeoutError as error:
            raise NotConnected(f"no connection within {CONNECT_S:g} s") from error
        except http.ClientPayloadError as error:
            raise ConnectionLost("the connection ended in the middle of the answer") from error
        except http.ClientResponseError as error:
            raise ConnectionLost(f"it is no HTTP: {error.message.splitlines()[0]:.100}") from error
        except (http.ClientError, OSError) as error:
            raise ConnectionLost(f"the connection ended before an answer came ({_reason(error)})") from error

    async def close(self) -> None:
        """Close every connection."""
        for session in (self._pooled, self._single):
            if session is not None:
                await session.close()
        self._pooled = self._single = None

    def _open(self) -> None:
        if self._pooled is None:
            self._pooled = self._session(keepalive_timeout=KEEP_ALIVE_S)
            self._single = self._session(force_close=True)

    def _session(self, **options: Any) -> Any:
        http = self._aiohttp
        trace = http.TraceConfig()
        trace.on_connection_reuseconn.append(_note_reused)
        return http.ClientSession(
            connector=http.TCPConnector(limit=0, **options),
            cookie_jar=http.DummyCookieJar(),
            timeout=http.ClientTimeout(total=None, sock_connect=CONNECT_S),
            skip_auto_headers=("User-Agent", "Accept-Encoding", "Accept", "Content-Type"),
            trace_configs=[trace],
        )


async def _note_reused(_session: Any, context: Any, _parameters: Any) -> None:
    context.trace_request_ctx["is_reused"] = True


async def _exchange(
    session: Any,
    method: str,
    url: str,
    headers: HeaderLines,
    body: bytes | None,
    use: dict[str, bool],
    answer_bytes: int,
) -> HttpAnswer:
    async with session.request(
        method, url, headers=headers, data=body, allow_redirects=False, trace_request_ctx=use
    ) as response:
        use["answered"] = True
        content = await _body(response, answer_bytes)
        answered = response.headers
        return HttpAnswer(response.status, answered.get("Content-Type", ""), answered.get("Location", ""), content)


async def _body(response: Any, answer_bytes: int) -> bytes:
    if (response.content_length or 0) > answer_bytes:
        raise AnswerTooLarge(f"the answer has {response.content_length} bytes")
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > answer_bytes:
            raise AnswerTooLarge("the answer has more bytes")
    return b"".join(chunks)


def _reason(error: BaseException) -> str:
    """What the system says of an error."""
    strerror = getattr(error, "strerror", None)
    return str(strerror or error or type(error).__name__).lower()


async def dial(host: str, port: int, timeout_s: float) -> bool:
    """Whether somebody listens there."""
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
