"""The gRPC server of a gateway."""

import asyncio
import contextlib
import socket

import grpc

from infergraph.gateway.copies import Copies
from infergraph.gateway.grpc_relay import GrpcRelay
from infergraph.gateway.turns import Turns
from infergraph.servers.grpc_relay import Relay
from infergraph.servers.grpc_server import LAST_BYTES_S
from infergraph.servers.limits import Limits
from infergraph.servers.progress import POLL_S, Progress


class GrpcGateway:
    """grpc.aio, with the relay before it that ends connections without losing a call."""

    def __init__(self, turns: Turns, copies: Copies, limits: Limits) -> None:
        self._limits = limits
        self._calls = GrpcRelay(turns, copies)
        self._connections = Relay()
        options = [
            ("grpc.max_receive_message_length", limits.body_bytes),
            ("grpc.max_send_message_length", -1),
            ("grpc.max_metadata_size", limits.header_bytes),
            ("grpc.absolute_max_metadata_size", limits.header_bytes),
        ]
        self._server = grpc.aio.server(options=options)
        self._server.add_generic_rpc_handlers([self._calls])
        self._server.add_insecure_port(self._connections.behind)
        self._forced = asyncio.Event()

    async def start(self, bound: socket.socket) -> None:
        """Accept from a socket, which is this object's from now on."""
        await self._server.start()
        await self._connections.listen(bound)

    def force(self) -> None:
        """What still runs has no more time."""
        self._forced.set()

    async def end(self) -> None:
        """Clients go on elsewhere; what they have begun is finished, and what is on its way.

        The server itself is stopped when nothing runs: told before, it closes connections with an answer on its way.
        """
        await self._connections.say_goodbye()
        if self._connections.connections:
            await self._wait(self._limits.drain_grace_s)
        progress = Progress(self._calls.finished, limit_s=self._limits.drain_s)
        while self._calls.running and not self._forced.is_set():
            if progress.has_stalled(finished=self._calls.finished, left=len(self._calls.running)):
                break
            await self._wait(POLL_S)
        await self._server.stop(LAST_BYTES_S)
        self._connections.close()

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._forced.wait(), seconds)

    async def close(self) -> None:
        """Close the connections to predictors: nobody asks them any more."""
        await self._calls.close()
