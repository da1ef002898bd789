"""The native front of the gRPC server: its HTTP/2 runs in Rust (pygrpc-native), and unary calls come here as bytes.

What it does not keep, next to grpc.aio: a message is in memory before anybody looks at its size, the request's id comes
with the answer and not before it, and it goes down without telling clients to call elsewhere first. So it is for
callers whom one trusts, and not what is used by itself.
"""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import grpc

from infergraph.errors import SetupError
from infergraph.servers.grpc_calls import Service
from infergraph.servers.limits import Limits

try:
    import pygrpc_native
except ImportError:  # no wheel for this platform, or not asked for
    pygrpc_native = None  # type: ignore[assignment]

BATCH_CALLS = 256  # taken from Rust at once, at most
_UNAVAILABLE = 14
_INTERNAL = 13

Metadata = Sequence[tuple[str, str | bytes]]


class Front:
    """Listens, answers unary calls, and hands everything else on to the server that listens at ``behind``.

    :raises SetupError: when pygrpc-native is not installed, the address cannot be had, or no folder for its socket.
    """

    def __init__(self, address: str, services: Mapping[str, Service], limits: Limits, *, is_port_shared: bool) -> None:
        if pygrpc_native is None:
            raise SetupError(
                "--grpc-server native needs pygrpc-native; pip install 'infergraph[grpc-native]' brings it"
            )
        self._handlers = _unary_handlers(services)
        self._folder = _own_folder()
        self.behind = str(Path(self._folder, "behind.sock"))
        try:
            self._front = pygrpc_native.NativeGrpcFront(
                address,
                [(path, False) for path in self._handlers],
                io_threads=1,
                call_details=True,
                max_metadata_size=limits.header_bytes,
                keepalive_permit_without_calls=False,
                reuse_port=is_port_shared,
            )
        except OSError as error:
            shutil.rmtree(self._folder)
            raise SetupError(f"cannot listen on {address}: {error}; choose another with --grpc-port") from error
        self.port: int = self._front.bound_port
        self._methods = list(self._handlers.values())
        self._tasks: dict[int, asyncio.Task[bytes]] = {}
        self._is_draining = False

    def start(self) -> None:
        """Take calls, in the event loop that runs."""
        self._front.set_fallback(self.behind)
        self._front.start()
        loop = asyncio.get_running_loop()
        self._receiver = threading.Thread(target=self._receive, args=(loop,), name="grpc-front", daemon=True)
        self._receiver.start()

    def drain(self) -> None:
        """Refuse the calls that are still to come."""
        self._is_draining = True

    async def close(self) -> None:
        """End, once what is answered is sent."""
        await asyncio.to_thread(self._front.close)
        await asyncio.to_thread(self._receiver.join)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _receive(self, loop: asyncio.AbstractEventLoop) -> None:
        """In a thread: it waits in Rust, where no event loop can."""
        while (events := self._front.recv_batch_details(BATCH_CALLS)) is not None:
            try:
                loop.call_soon_threadsafe(self._begin, loop, events)
            except RuntimeError:  # the loop is closed, and nobody has closed this
                self._front.close()

    def _begin(self, loop: asyncio.AbstractEventLoop, events: Sequence[Any]) -> None:
        for _, number, method, request, _, details in events:
            if request is None:  # the caller has gone, or its time is over
                if (task := self._tasks.get(number)) is not None:
                    task.cancel()
            elif self._is_draining:
                self._front.fail(number, _UNAVAILABLE, "The server is going down; call again")
            else:
                call = FrontCall(self._front, number, details[0])
                self._tasks[number] = task = loop.create_task(self._methods[method](request, call))
                # Not a coroutine around the handler: it would be one more hop on the way of every call.
                task.add_done_callback(call.end)
                task.add_done_callback(lambda _, number=number: self._tasks.pop(number))  # type: ignore[misc]


class FrontCall:
    """One call: what handlers need of ``grpc.aio.ServicerContext``."""

    __slots__ = ("_front", "_initial", "_metadata", "_number")

    def __init__(self, front: Any, number: int, metadata: Metadata) -> None:
        self._front = front
        self._number = number
        self._metadata = metadata
        self._initial: Metadata = ()

    def invocation_metadata(self) -> Metadata:
        return self._metadata

    async def send_initial_metadata(self, metadata: Metadata) -> None:
        self._initial = metadata

    async def abort(self, code: grpc.StatusCode, details: str, trailers: Metadata = ()) -> NoReturn:
        """End the call. :raises grpc.aio.AbortError: always."""
        self._front.fail(self._number, code.value[0], details, (*self._initial, *trailers))
        raise grpc.aio.AbortError

    def end(self, task: "asyncio.Task[bytes]") -> None:
        """Send what the handler returned."""
        if task.cancelled():
            return  # there is nobody to tell
        if (error := task.exception()) is None:
            self._front.respond(self._number, task.result(), self._initial)
        elif not isinstance(error, grpc.aio.AbortError):
            self._front.fail(self._number, _INTERNAL, type(error).__name__)
            raise error


def _own_folder() -> str:
    """A new folder that nobody else may enter."""
    try:
        return tempfile.mkdtemp(prefix="infergraph-grpc-")
    except OSError as error:
        raise SetupError(
            f"--grpc-server native needs a folder for a socket, and none can be made: {error.strerror or error}; "
            "set TMPDIR to a folder that can be written to, or choose --grpc-server aio"
        ) from error


def _unary_handlers(services: Mapping[str, Service]) -> dict[str, Any]:
    """The handlers of unary methods, by path."""
    return {
        f"/{service}/{name}": method.unary_unary
        for service, methods in services.items()
        for name, method in methods.items()
        if method.unary_unary is not None
    }
