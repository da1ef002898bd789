"""Requests over urllib3: threads, pooled connections, no event loop."""

import time
from typing import Any

from infergraph.client.errors import ClientError, ConnectionFailed, ConnectionLost, ConnectTimeout, Timeout
from infergraph.client.request import Reply, Request, Timeouts

PIECE_BYTES = 2**20


class Urllib3Transport:
    """Keeps up to ``connections`` idle connections to each server; any thread may send.

    :raises ClientError: when urllib3 is not installed.
    """

    def __init__(self, *, connections: int = 10) -> None:
        try:
            import urllib3
        except ImportError:
            raise ClientError("The client needs urllib3: pip install 'infergraph[client]'") from None
        self._errors = urllib3.exceptions
        self._timeout = urllib3.Timeout
        self._pool = urllib3.PoolManager(maxsize=connections, retries=False)

    def send(self, request: Request, timeouts: Timeouts) -> Reply:
        """The whole answer. The time is looked at between its pieces, each of which may take what was left at first."""
        ends = time.monotonic() + timeouts.total_s
        errors = self._errors
        try:
            response = self._pool.request(
                request.method,
                request.url,
                body=request.body or None,
                headers=request.headers,
                timeout=self._timeout(connect=timeouts.connect_s, read=timeouts.total_s),
                redirect=False,
                preload_content=False,
                decode_content=True,
            )
            return _whole(response, ends, timeouts)
        except (errors.NewConnectionError, errors.NameResolutionError) as error:
            raise ConnectionFailed(f"{request.url}: no connection: {_reason(error)}") from error
        except errors.ConnectTimeoutError as error:
            raise ConnectTimeout(f"{request.url}: no connection within {timeouts.connect_s:.3g} s") from error
        except errors.ReadTimeoutError as error:
            raise Timeout(f"{request.url}: no answer within {timeouts.total_s:.3g} s") from error
        except errors.LocationValueError as error:
            raise ClientError(f"{request.url}: {error}") from error
        except (errors.HTTPError, OSError) as error:
            raise ConnectionLost(f"{request.url}: the connection ended before the answer was there: {error}") from error

    def close(self) -> None:
        """Close every connection."""
        self._pool.clear()


def _whole(response: Any, ends: float, timeouts: Timeouts) -> Reply:
    """The answer, read piece by piece, so that a server which sends one byte a second does not hold us for ever."""
    pieces = []
    try:
        while piece := response.read1(PIECE_BYTES, decode_content=True):
            pieces.append(piece)
            _check_time(ends, timeouts)
    except BaseException:
        response.close()
        raise
    response.release_conn()
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status, headers, pieces[0] if len(pieces) == 1 else b"".join(pieces))


def _check_time(ends: float, timeouts: Timeouts) -> None:
    if time.monotonic() >= ends:
        raise Timeout(f"The answer was not whole within {timeouts.total_s:.3g} s")


def _reason(error: Exception) -> str:
    """What the system says, without urllib3's objects."""
    cause = error.__cause__ or error
    return str(getattr(cause, "strerror", None) or cause)
