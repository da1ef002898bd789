"""The relay in front of grpc.aio: bytes go both ways as they are, and a goodbye comes between two frames."""

import asyncio
from collections.abc import Awaitable, Callable

from infergraph.servers.grpc_relay import GOAWAY, Relay
from infergraph.servers.http_server import bind

FRAME = b"\x00\x00\x04\x00\x00\x00\x00\x00\x01data"
Server = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Client = Callable[[Relay, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def relayed(server: Server, client: Client) -> None:
    """A client's connection, and the server's end of it."""

    async def main() -> None:
        relay = Relay()
        async with await asyncio.start_unix_server(server, relay._socket.path):
            bound = bind("127.0.0.1", 0)
            address = bound.getsockname()
            await relay.listen(bound)
            reader, writer = await asyncio.open_connection(*address)
            try:
                await asyncio.wait_for(client(relay, reader, writer), 20)
            finally:
                writer.close()
                relay.close()
                await asyncio.gather(*(task for task in asyncio.all_tasks() if task is not asyncio.current_task()))
                for _ in range(10):  # what is closed is gone a turn later
                    await asyncio.sleep(0)

    asyncio.run(main())


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.close()


def test_bytes_go_both_ways_more_than_any_buffer_holds() -> None:
    async def client(_: Relay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent = FRAME * 500_000  # 6 MB
        writer.write(sent)
        assert await reader.readexactly(len(sent)) == sent

    relayed(echo, client)


def test_a_goodbye_waits_for_the_first_frame_and_for_the_end_of_one() -> None:
    async def client(relay: Relay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(FRAME[:5])
        assert await reader.readexactly(5) == FRAME[:5]
        await relay.say_goodbye()
        for piece in (FRAME[5:11], FRAME[11:]):
            writer.write(piece)
            assert await reader.readexactly(len(piece)) == piece
        assert await reader.readexactly(len(GOAWAY)) == GOAWAY
        writer.write(FRAME)  # what was begun before
        assert await reader.readexactly(len(FRAME)) == FRAME

    relayed(echo, client)


def test_who_connects_in_the_last_moment_gets_a_goodbye_as_well() -> None:
    async def client(relay: Relay, _: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        reader, writer = await asyncio.open_connection(*address_of(relay))
        writer.write(FRAME)
        await relay.say_goodbye()
        assert await reader.readexactly(len(FRAME + GOAWAY)) == FRAME + GOAWAY
        writer.close()
        await writer.wait_closed()

    relayed(echo, client)


def test_when_the_server_ends_a_connection_its_last_words_arrive() -> None:
    async def ending(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(FRAME)
        writer.close()

    async def client(_: Relay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x")
        assert await reader.read() == FRAME

    relayed(ending, client)


def test_a_client_that_goes_is_gone_for_the_server() -> None:
    gone = asyncio.Event()

    async def listening(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(FRAME)
        assert await reader.read() == b""
        gone.set()
        writer.close()

    async def client(relay: Relay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(len(FRAME))
        assert len(relay.connections) == 1
        writer.close()
        await gone.wait()
        assert not relay.connections

    relayed(listening, client)


def test_without_a_server_behind_it_a_connection_is_closed() -> None:
    async def main() -> None:
        relay = Relay()
        await relay.listen(bind("127.0.0.1", 0))
        reader, writer = await asyncio.open_connection(*address_of(relay))
        assert await asyncio.wait_for(reader.read(), 20) == b""
        writer.close()
        await writer.wait_closed()
        relay.close()

    asyncio.run(main())


def address_of(relay: Relay) -> tuple[str, int]:
    address: tuple[str, int] = relay._listening[0].sockets[0].getsockname()
    return address
