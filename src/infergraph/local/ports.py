"""The ports that workers share: held by their supervisor, so that they outlive every worker."""

import asyncio
import socket

import structlog

from infergraph.errors import SetupError
from infergraph.local.plan import Plan
from infergraph.servers.http_server import BACKLOG, bind, url_of

log = structlog.get_logger("infergraph.run")


class HttpPort:
    """A listening socket for each worker, all on one port; the kernel spreads new connections evenly over them.

    One socket that all accept from would be simpler, but there the worker that wakes first takes all that waits: of 64
    connections, one of two workers got up to 64. As the sockets stay, none is lost when a worker ends: see `assigned`.

    :raises SetupError: when the port is taken.
    """

    def __init__(self, plan: Plan, count: int) -> None:
        first = bind(plan.host, plan.port)
        self.url = url_of(first)
        self.listeners = [first, *(_sharing(first) for _ in range(count - 1))]

    def close(self) -> None:
        for listener in self.listeners:
            listener.close()


class GrpcPort:
    """The port of gRPC. Each worker listens by itself, as gRPC takes no socket that is open already.

    While no worker does, nobody else may take the port unnoticed: then a socket of the supervisor's listens, and closes
    each connection, which callers hear as UNAVAILABLE.

    :raises SetupError: when the port is taken, and was asked for.
    """

    def __init__(self, plan: Plan) -> None:
        assert plan.grpc_port is not None  # noqa: S101 - who runs it has looked
        try:
            self._holder = bind(plan.host, plan.grpc_port, "--grpc-port")
        except SetupError as error:
            if plan.is_grpc_port_chosen:
                raise
            log.warning("grpc_port_taken", port=plan.grpc_port, error=str(error))
            self._holder = bind(plan.host, 0, "--grpc-port")
        _share(self._holder)
        self.address = url_of(self._holder).removeprefix("http://")
        self.port: int = self._holder.getsockname()[1]
        self._is_held = False

    def hold(self, *, is_free: bool) -> None:
        """``is_free`` says that no worker listens."""
        if is_free == self._is_held:
            return
        loop = asyncio.get_running_loop()
        if is_free:
            self._holder.listen(BACKLOG)
            loop.add_reader(self._holder, self._turn_away)
        else:
            loop.remove_reader(self._holder)
            self._holder.shutdown(socket.SHUT_RDWR)  # it listens no more, and the port stays ours
        self._is_held = is_free

    def close(self) -> None:
        if self._is_held:
            asyncio.get_running_loop().remove_reader(self._holder)
        self._holder.close()

    def _turn_away(self) -> None:
        try:
            connection, _ = self._holder.accept()
        except OSError:
            return
        connection.close()


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


def _sharing(first: socket.socket) -> socket.socket:
    """Another listening socket on the port of the first. That one was bound alone, so nobody else shares it."""
    _share(first)
    other = socket.socket(first.family, socket.SOCK_STREAM)
    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _share(other)
    other.bind(first.getsockname())
    other.listen(BACKLOG)
    other.setblocking(False)  # noqa: FBT003 - the standard library's way
    return other


def _share(one: socket.socket) -> None:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
