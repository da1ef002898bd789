"""The ports that workers share: held by their supervisor, so that they outlive every worker."""

import asyncio
import contextlib
import socket
from collections.abc import Sequence

import structlog

from infergraph.errors import SetupError
from infergraph.local.plan import Plan
from infergraph.servers.http_server import BACKLOG, address_of, bind, url_of

log = structlog.get_logger("infergraph.run")


class SharedPort:
    """A listening socket for each worker, all on one port; the kernel spreads new connections evenly over them.

    One socket that all accept from would be simpler, but there the worker that wakes first takes all that waits: of 64
    connections, one of two workers got up to 64. As the sockets stay, none is lost when a worker ends: see `assigned`.
    """

    def __init__(self, first: socket.socket, count: int, *, is_listening: bool) -> None:
        _share(first)
        others = [_bound_with(first) for _ in range(count - 1)]
        self.listeners = [first, *(map(_listening, others) if is_listening else others)]

    def listen(self) -> None:
        """Let connections wait from now on until somebody accepts them."""
        for listener in self.listeners:
            _listening(listener)

    def close(self) -> None:
        for listener in self.listeners:
            listener.close()


class HttpPort(SharedPort):
    """The port of REST. :raises SetupError: when it is taken."""

    def __init__(self, plan: Plan, count: int) -> None:
        first = bind(plan.host, plan.port, plan.port_flag, is_listening=plan.listens_early)
        self.url = url_of(first, plan.scheme)
        super().__init__(first, count, is_listening=plan.listens_early)


class GrpcPort(SharedPort):
    """The port of gRPC. While no worker is ready, callers are turned away, which they hear as UNAVAILABLE.

    :raises SetupError: when the port is taken, and was asked for.
    """

    def __init__(self, plan: Plan, count: int) -> None:
        first = _grpc_socket(plan)
        self.address = address_of(first)
        super().__init__(first, count, is_listening=plan.listens_early)
        self._is_free = False

    def hold(self, *, is_free: bool) -> None:
        """``is_free`` says that no worker accepts."""
        if is_free == self._is_free:
            return
        self._is_free = is_free
        loop = asyncio.get_running_loop()
        for listener in self.listeners:
            if is_free:
                loop.add_reader(listener, turn_away, listener)
            else:
                loop.remove_reader(listener)

    def close(self) -> None:
        self.hold(is_free=False)
        super().close()


class NativeGrpcPort:
    """The port of gRPC where its HTTP/2 runs in Rust, which takes no socket that is open already: each worker listens.

    While no worker does, nobody else may take the port unnoticed: then a socket of the supervisor's listens, and closes
    each connection, which callers hear as UNAVAILABLE.

    :raises SetupError: when the port is taken, and was asked for.
    """

    listeners: Sequence[socket.socket] = ()

    def __init__(self, plan: Plan) -> None:
        first = _grpc_socket(plan)
        self.address = address_of(first)
        self.port: int = first.getsockname()[1]
        _share(first)
        self._bound = _bound_with(first)  # never listens: keeps the number ours between holders
        self._holder: socket.socket | None = first
        self._is_watched = False

    def listen(self) -> None:
        """Each worker does that."""

    def hold(self, *, is_free: bool) -> None:
        """``is_free`` says that no worker listens."""
        if not is_free:
            self._release()
            return
        if self._holder is None:
            self._holder = _listening(_bound_with(self._bound))
        if not self._is_watched:
            asyncio.get_running_loop().add_reader(self._holder, turn_away, self._holder)
            self._is_watched = True

    def close(self) -> None:
        self._release()
        self._bound.close()

    def _release(self) -> None:
        if self._holder is None:
            return
        if self._is_watched:
            asyncio.get_running_loop().remove_reader(self._holder)
            self._is_watched = False
        self._holder.close()
        self._holder = None


def grpc_port(plan: Plan, count: int) -> GrpcPort | NativeGrpcPort | None:
    """The port of gRPC, None when it is not asked for. :raises SetupError: when it is taken, and was asked for."""
    if plan.grpc_port is None:
        return None
    return NativeGrpcPort(plan) if plan.grpc_server == "native" else GrpcPort(plan, count)


def turn_away(listener: socket.socket) -> None:
    """Accept one connection, and close it."""
    with contextlib.suppress(OSError):
        connection, _ = listener.accept()
        connection.close()


def _grpc_socket(plan: Plan) -> socket.socket:
    assert plan.grpc_port is not None  # noqa: S101 - who runs it has looked
    try:
        return bind(plan.host, plan.grpc_port, "--grpc-port", is_listening=plan.listens_early)
    except SetupError as error:
        if plan.is_grpc_port_chosen:
            raise
        log.warning("grpc_port_taken", port=plan.grpc_port, error=str(error))
        return bind(plan.host, 0, "--grpc-port", is_listening=plan.listens_early)


def assigned(count: int, ready: dict[int, int]) -> dict[int, int | None]:
    """Who accepts from which listener, by index: the worker in the place of the same index when it is ready.

    The listeners of places without one are spread over the workers that are; None accepts when there is none.
    ``ready`` is a worker's process id by its place.
    """
    others = [ready[place] for place in sorted(ready)]
    left = [index for index in range(count) if index not in ready]
    chosen: dict[int, int | None] = dict(ready)
    for turn, index in enumerate(left):
        chosen[index] = others[turn % len(others)] if others else None
    return chosen


def _bound_with(first: socket.socket) -> socket.socket:
    """Another socket on the port of one that is shared. The first one was bound alone, so nobody else shares it."""
    other = socket.socket(first.family, socket.SOCK_STREAM)
    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _share(other)
    other.bind(first.getsockname())
    return other


def _listening(one: socket.socket) -> socket.socket:
    one.listen(BACKLOG)
    one.setblocking(False)  # noqa: FBT003 - the standard library's way
    return one


def _share(one: socket.socket) -> None:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
