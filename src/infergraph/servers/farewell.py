"""The end of a connection whose client has not said everything yet."""

import asyncio
from typing import Any, Protocol

from uvicorn.protocols.http.flow_control import FlowControl

from infergraph.servers.limits import Limits


class Parting(Protocol):
    """What a connection has and hears when it ends."""

    @property
    def limits(self) -> Limits: ...
    @property
    def flow(self) -> FlowControl: ...
    @property
    def loop(self) -> asyncio.AbstractEventLoop: ...
    @property
    def is_receiving(self) -> bool:
        """Whether the client is in the middle of sending."""
        ...

    def connection_lost(self, exc: Exception | None) -> None: ...
    def pause_writing(self) -> None: ...
    def resume_writing(self) -> None: ...
    def reading_resumed(self) -> None:
        """A pause of reading has ended."""

    def await_reader(self) -> None:
        """Something may be left that the client has not read."""


class LingeringTransport(asyncio.Transport):
    """A transport whose ``close`` says `Farewell` when the client is in the middle of sending."""

    def __init__(self, transport: asyncio.Transport, connection: Parting) -> None:
        super().__init__()
        self._transport = transport
        self._connection = connection
        self._is_parting = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, unless it is over."""
        if not self._is_parting:
            self._transport.write(data)

    def close(self) -> None:
        """Send what is written, then close; nothing may be written any more."""
        if self.is_closing():
            return
        self._is_parting = True
        if self._connection.is_receiving:
            Farewell(self._transport, self._connection)
        else:
            self._transport.close()
            self._connection.await_reader()  # closing waits until everything is sent

    def abort(self) -> None:
        """Close at once; what is not sent is lost."""
        self._is_parting = True
        self._transport.abort()

    def get_write_buffer_size(self) -> int:
        return self._transport.get_write_buffer_size()

    def is_closing(self) -> bool:
        return self._is_parting or self._transport.is_closing()

    def can_write_eof(self) -> bool:
        return self._transport.can_write_eof()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()
        self._connection.reading_resumed()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)


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
        connection.flow.resume_reading()
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
