"""The end of a connection whose client has not said everything yet."""

import asyncio
from typing import Protocol

from infergraph.servers.limits import Limits


class Parting(Protocol):
    """What a connection has and hears when it ends."""

    @property
    def limits(self) -> Limits: ...
    @property
    def loop(self) -> asyncio.AbstractEventLoop: ...

    def connection_lost(self, exc: Exception | None) -> None: ...
    def pause_writing(self) -> None: ...
    def resume_writing(self) -> None: ...
    def resume_reading(self) -> None:
        """End a pause of reading."""

    def await_reader(self) -> None:
        """Something may be left that the client has not read."""


class Farewell(asyncio.Protocol):
    """The end of a connection whose client is still sending: reads and forgets, so that the client reads its answer.

    Closing a socket with unread bytes in it sends a reset, which takes the answer away from a client that has not read
    it yet. It ends when the client closes, after `Limits.linger_s`, or after `Limits.body_bytes`.
    """

    def __init__(self, transport: asyncio.Transport, connection: Parting) -> None:
        self._transport = transport
        self._connection = connection
        self._left_bytes = connection.limits.body_bytes
        transport.set_protocol(self)
        connection.resume_reading()
        if transport.can_write_eof():
            transport.write_eof()
        self._clock = connection.loop.call_later(connection.limits.linger_s, self._end)

    def data_received(self, data: bytes) -> None:
        self._left_bytes -= len(data)
        if self._left_bytes < 0:
            self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        self._clock.cancel()
        self._connection.connection_lost(exc)

    def _end(self) -> None:
        self._transport.close()
        self._connection.await_reader()

    def pause_writing(self) -> None:
        self._connection.pause_writing()

    def resume_writing(self) -> None:
        self._connection.resume_writing()
