"""What stands before grpc.aio: it accepts the connections, and ends them without losing a call.

A server of gRPC's own closes its port and its connections in one step, and cancels each call that was sent before its
goodbye arrived. It also takes no socket that listens already, so what waits in the queue of its port is lost with it.
Here the listening socket is ours, and the goodbye is written while the server still takes calls: an HTTP/2 GOAWAY that
names no last stream (RFC 9113 §6.8), after which a client finishes on this connection what it has begun, and begins
what follows on another.
"""

import asyncio
import socket
from collections.abc import Mapping
from typing import Any, cast

from infergraph.servers.accepting import accept_no_more
from infergraph.servers.http2_frames import Frames
from infergraph.servers.http_server import BACKLOG, QUIET_TURNS
from infergraph.servers.unix_socket import UnixSocket

GOAWAY = b"\x00\x00\x08\x07\x00\x00\x00\x00\x00" + b"\x7f\xff\xff\xff" + b"\x00\x00\x00\x00"
"""Stream 0; the last stream is the highest that there is; no error."""


class Relay:
    """Hands each connection on to the server that listens at ``behind``, which is an address as gRPC writes them.

    ``options`` are those of its listeners: see `tls`.
    """

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        self._options = options or {}
        self._socket = UnixSocket()
        self.behind = self._socket.grpc_address
        self.connections: set[Outside] = set()
        self._listening: dict[int, asyncio.Server] = {}
        self._accepted = 0
        self._is_ending = False

    async def listen(self, bound: socket.socket, index: int = 0) -> None:
        """Accept from a socket, which is this object's from now on."""
        loop = asyncio.get_running_loop()
        listening = await loop.create_server(lambda: Outside(self), sock=bound, backlog=BACKLOG, **self._options)
        if self._is_ending:
            accept_no_more(listening)
        else:
            self._listening[index] = listening

    def stop_listening(self, index: int | None = None) -> None:
        """Accept no more, from this socket or from any; what is connected goes on."""
        for one in [index] if index is not None else list(self._listening):
            if (listening := self._listening.pop(one, None)) is not None:
                accept_no_more(listening)

    async def say_goodbye(self) -> None:
        """Accept what the kernel has accepted already, and let every client go on elsewhere."""
        await self._take_in()
        self.stop_listening()
        self._is_ending = True
        for connection in self.connections:
            connection.inside.say_goodbye()

    async def _take_in(self) -> None:
        """As long as one comes in a few turns of the event loop: uvloop takes one in a turn."""
        quiet = 0
        for _ in range(2 * BACKLOG):
            before = self._accepted
            await asyncio.sleep(0)
            quiet = quiet + 1 if self._accepted == before else 0
            if quiet == QUIET_TURNS or not self._listening:
                return

    async def connect(self, inside: "Inside") -> None:
        """:raises OSError: when nobody is there, or no descriptors are left."""
        loop = asyncio.get_running_loop()
        connected = await self._socket.connected()
        await loop.create_unix_connection(lambda: inside, sock=connected)

    def close(self) -> None:
        """End what is still connected."""
        self.stop_listening()
        for connection in list(self.connections):
            connection.transport.close()
        self._socket.remove()

    def begin(self, connection: "Outside") -> None:
        """A client has connected."""
        self._accepted += 1
        self.connections.add(connection)
        if self._is_ending:
            connection.inside.say_goodbye()


class Outside(asyncio.Protocol):
    """A client's connection."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._early = b""
        self.inside = Inside(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._relay.begin(self)
        self._connecting = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        try:
            await self._relay.connect(self.inside)
        except OSError:
            self.transport.abort()

    def go_on(self) -> None:
        """There is somebody to hand it to."""
        self.inside.transport.write(self._early)
        self.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        if self.inside.is_connected:
            self.inside.transport.write(data)
        else:
            self._early += data
            self.transport.pause_reading()

    def pause_writing(self) -> None:
        self.inside.transport.pause_reading()

    def resume_writing(self) -> None:
        self.inside.transport.resume_reading()

    def connection_lost(self, _: Exception | None) -> None:
        self._relay.connections.discard(self)
        self._connecting.cancel()
        self.inside.end()


class Inside(asyncio.Protocol):
    """The connection to the server, on behalf of a client's."""

    transport: asyncio.Transport

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._frames = Frames()
        self._owes_goodbye = self.is_connected = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.is_connected = True
        self._outside.go_on()

    def data_received(self, data: bytes) -> None:
        if self._outside.transport.is_closing():
            return
        self._frames.pass_by(data)
        self._outside.transport.write(data)
        if self._owes_goodbye:
            self.say_goodbye()

    def say_goodbye(self) -> None:
        """Between two frames, as soon as that is; the server's first one comes before."""
        self._owes_goodbye = not self._frames.is_between
        if self._outside.transport.is_closing():
            return
        if not self._owes_goodbye:
            self._outside.transport.write(GOAWAY)

    def pause_writing(self) -> None:
        self._outside.transport.pause_reading()

    def resume_writing(self) -> None:
        self._outside.transport.resume_reading()

    def end(self) -> None:
        """The client has gone."""
        if self.is_connected:
            self.transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        self._outside.transport.close()
