"""Who accepts from which listener, and who may have a port."""

import asyncio
import contextlib
import socket
from collections.abc import Callable

import pytest

from infergraph.errors import SetupError
from infergraph.local.plan import Plan
from infergraph.local.ports import GrpcPort, HttpPort, NativeGrpcPort, assigned
from infergraph.servers.http_server import bind

PLAN = Plan([], port=0, grpc_port=0)


@pytest.mark.parametrize(
    ("count", "ready", "expected"),
    [
        (2, {0: 7, 1: 8}, {0: 7, 1: 8}),
        (2, {1: 8}, {0: 8, 1: 8}),
        (2, {}, {0: None, 1: None}),
        (4, {1: 8, 3: 9}, {0: 8, 1: 8, 2: 9, 3: 9}),
        (1, {0: 7}, {0: 7}),
    ],
)
def test_every_listener_has_somebody(count: int, ready: dict[int, int], expected: dict[int, int | None]) -> None:
    assert assigned(count, ready) == expected


def test_the_kernel_spreads_connections_over_the_listeners() -> None:
    with contextlib.closing(HttpPort(PLAN, 4)) as port:
        address = port.listeners[0].getsockname()
        assert {listener.getsockname() for listener in port.listeners} == {address}
        with contextlib.ExitStack() as clients:
            for _ in range(200):
                clients.enter_context(socket.create_connection(address))
            counts = [accepted(listener) for listener in port.listeners]
    assert sum(counts) == 200
    assert min(counts) > 10


def accepted(listener: socket.socket) -> int:
    count = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            connection, _ = listener.accept()
            connection.close()
            count += 1
    return count


def another_http(port: int) -> None:
    HttpPort(Plan([], port=port), 2).close()


def another_grpc(port: int) -> None:
    GrpcPort(Plan([], grpc_port=port), 2).close()


def another_native_grpc(port: int) -> None:
    NativeGrpcPort(Plan([], grpc_port=port)).close()


def another_alone(port: int) -> None:
    bind("127.0.0.1", port).close()


@pytest.mark.parametrize("another", [another_http, another_grpc, another_native_grpc, another_alone])
def test_nobody_else_gets_a_port_that_is_held(another: Callable[[int], None]) -> None:
    async def main() -> None:
        http, grpc, native = HttpPort(PLAN, 2), GrpcPort(PLAN, 2), NativeGrpcPort(PLAN)
        native.hold(is_free=True)
        for port in (http.listeners[0].getsockname()[1], grpc.listeners[0].getsockname()[1], native.port):
            with pytest.raises(SetupError, match="Address already in use"):
                another(port)
        for one in (http, grpc, native):
            one.close()

    asyncio.run(main())


def test_while_no_worker_accepts_callers_of_grpc_are_turned_away() -> None:
    async def main() -> None:
        port = GrpcPort(PLAN, 2)
        address = port.listeners[0].getsockname()
        for _ in range(3):
            port.hold(is_free=True)
            reader, writer = await asyncio.open_connection(*address)
            assert await reader.read() == b""
            writer.close()
            port.hold(is_free=False)
            with socket.create_connection(address):  # waits for whoever accepts next
                assert sum(accepted(listener) for listener in port.listeners) == 1
        port.close()

    asyncio.run(main())


def test_while_no_worker_listens_callers_of_native_grpc_are_turned_away() -> None:
    async def main() -> None:
        port = NativeGrpcPort(PLAN)
        for _ in range(3):
            port.hold(is_free=True)
            reader, writer = await asyncio.open_connection("127.0.0.1", port.port)
            assert await reader.read() == b""
            writer.close()
            port.hold(is_free=False)
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", port.port)
        port.close()

    asyncio.run(main())


def test_a_grpc_port_that_nobody_chose_gives_way() -> None:
    with contextlib.closing(bind("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(SetupError, match="--grpc-port"):
            GrpcPort(Plan([], grpc_port=number), 2)
        asyncio.run(is_another(number))


async def is_another(number: int) -> None:
    port = GrpcPort(Plan([], grpc_port=number, is_grpc_port_chosen=False), 2)
    assert port.listeners[0].getsockname()[1] != number
    port.close()
