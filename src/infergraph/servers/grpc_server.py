"""The gRPC server: grpc.aio in the event loop of everything else, with an end that loses no call.

A relay stands before it, which ends connections without losing a call: see `grpc_relay`. Where it is asked for, it is a
front whose HTTP/2 runs in Rust: see `grpc_front`.
"""

import asyncio
import contextlib
import enum
import socket
import ssl
from collections.abc import Callable, Sequence

import grpc

from infergraph.servers.grpc_calls import Calls, Service
from infergraph.servers.grpc_discovery import Health, add_reflection
from infergraph.servers.grpc_front import Front
from infergraph.servers.grpc_relay import Relay
from infergraph.servers.grpc_seldon import seldon_services
from infergraph.servers.grpc_target import Directory, GrpcTarget
from infergraph.servers.grpc_tensorflow import tensorflow_services
from infergraph.servers.grpc_v2 import v2_services
from infergraph.servers.http_server import address_of, bind
from infergraph.servers.limits import Limits
from infergraph.servers.progress import POLL_S, Progress
from infergraph.servers.tls import listening_options

FOREVER_S = 10**6
LAST_BYTES_S = 0.5  # for what is answered and not yet sent


class GrpcServerKind(enum.StrEnum):
    """Who speaks HTTP/2 for gRPC."""

    AIO = "aio"
    """grpc.aio alone, which keeps every promise."""
    NATIVE = "native"
    """pygrpc-native before it: several times the calls a second, for callers whom one trusts."""


def services_of_graphs(calls: Calls) -> dict[str, Service]:
    """Every service of every protocol, by name."""
    return seldon_services(calls) | v2_services(calls) | tensorflow_services(calls)


class GrpcServer:
    """Serves some deployments over gRPC.

    Who runs it, in an event loop, calls `start`, `set_ready` once everything is loaded, and awaits `serve`. In place of
    `start`, who holds listening sockets of its own calls `start_closed`, and `accept` for each of them.
    ``services`` are what it offers, ``directory`` finds whom a call asks. The kind AIO speaks TLS with ``tls``.
    """

    def __init__(
        self,
        targets: Sequence[GrpcTarget],
        limits: Limits,
        *,
        kind: GrpcServerKind = GrpcServerKind.AIO,
        services: Callable[[Calls], dict[str, Service]] = services_of_graphs,
        directory: type[Directory] = Directory,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits
        self._kind = kind
        self._front: Front | None = None
        self._relay = Relay(listening_options(tls, limits.header_timeout_s))
        self._calls = Calls(directory(targets))
        self._server = grpc.aio.server(options=_options(targets, limits))
        self._services = services(self._calls)
        self._server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler(name, methods) for name, methods in self._services.items()]
        )
        self._health = Health(self._server, tuple(self._services))
        add_reflection(self._server, tuple(self._services))
        self._was_ready = False
        self._told = asyncio.Event()
        self._forced = asyncio.Event()

    async def start(self, host: str, port: int, *, is_port_shared: bool = False) -> str:
        """Listen; port 0 takes a free one. Returns the address for clients on this machine.

        With ``is_port_shared``, which only the native kind knows, other processes may listen on the same port; who
        starts them sees to it that no others do.

        :raises SetupError: when the address is not ours, or the port is in use.
        """
        bound = bind(host, 0 if is_port_shared else port, "--grpc-port")
        if self._kind is GrpcServerKind.AIO:
            await self.start_closed()
            await self.accept(bound)
            return address_of(bound)
        address = bound.getsockname()[0]
        bound.close()
        address = f"[{address}]" if ":" in address else address
        self._front = Front(f"{address}:{port}", self._services, self._limits, is_port_shared=is_port_shared)
        await self._start_behind(f"unix:{self._front.behind}")
        self._front.start()
        local = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(address, address)  # noqa: S104 - not bound here
        return f"{local}:{self._front.port}"

    async def start_closed(self) -> None:
        """Be there, and accept nothing yet."""
        await self._start_behind(self._relay.behind)

    async def accept(self, listener: socket.socket, index: int = 0) -> None:
        """Accept from a socket, which is this object's from now on."""
        await self._relay.listen(listener, index)

    def give_up(self, index: int) -> None:
        """Accept no more from one of the sockets; what is connected goes on."""
        self._relay.stop_listening(index)

    async def _start_behind(self, address: str) -> None:
        self._server.add_insecure_port(address)
        await self._health.set_serving(is_serving=False)
        await self._server.start()

    @property
    def finished(self) -> int:
        """How many calls have ended."""
        return self._calls.finished

    async def set_ready(self) -> None:
        """Everything is loaded: the health service says so."""
        self._was_ready = True
        await self._health.set_serving(is_serving=True)

    def drain(self) -> None:
        """Begin the end: what runs is answered, what is new is no longer taken after a moment."""
        self._told.set()

    def stop(self) -> None:
        """End at once; who still waits hears that the server is going down."""
        self._told.set()
        self._forced.set()

    async def serve(self) -> None:
        """Serve until told to go, and then until every call is answered."""
        await self._told.wait()
        await self._health.end()
        await self._relay.say_goodbye()
        if self._was_ready:
            await self._take_in()
        self._calls.drain()
        if self._front is not None:
            self._front.drain()
        stopping = asyncio.create_task(self._server.stop(FOREVER_S))
        await self._finish_calls()
        await self._calls.end()
        await self._server.stop(LAST_BYTES_S)  # also for those who watch the health
        await stopping
        self._relay.close()
        if self._front is not None:
            await self._front.close()

    async def _take_in(self) -> None:
        """Wait a moment for what is on its way; who is connected through the relay goes by itself."""
        clock = asyncio.get_running_loop().time
        end_s = clock() + self._limits.drain_grace_s
        while clock() < end_s and (self._front is not None or self._relay.connections):
            if await self._is_forced_within(min(POLL_S, self._limits.drain_grace_s)):
                return

    async def _finish_calls(self) -> None:
        """Wait while calls are being finished; not longer than ``drain_s`` for the next one of them."""
        calls = self._calls
        progress = Progress(calls.finished, limit_s=self._limits.drain_s)
        while calls.running and not await self._is_forced_within(POLL_S):
            if progress.has_stalled(finished=calls.finished, left=len(calls.running)):
                return

    async def _is_forced_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._forced.wait(), seconds)
        return self._forced.is_set()


def _options(targets: Sequence[GrpcTarget], limits: Limits) -> list[tuple[str, int]]:
    largest = max(target.message_bytes for target in targets)
    return [
        ("grpc.max_receive_message_length", min(largest, 2**31 - 1)),
        ("grpc.max_send_message_length", -1),  # what a model answers is not the caller's to limit
        ("grpc.max_metadata_size", limits.header_bytes),
        ("grpc.absolute_max_metadata_size", limits.header_bytes),
    ]
