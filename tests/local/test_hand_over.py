"""Who is connected while a port changes hands is answered, whatever the moment."""

import asyncio
import socket

import pytest
import uvloop

from infergraph.local.hand_over import hand_over
from infergraph.servers.http_server import HttpServer
from infergraph.servers.limits import Limits
from tests.servers.echo import LAST, Echo

LOOPS = {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


@pytest.mark.parametrize("turns", range(8))
@pytest.mark.parametrize("loop", LOOPS)
def test_a_connection_is_lost_to_nobody(loop: str, turns: int) -> None:
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        assert runner.run(_answer(turns)).startswith(b"HTTP/1.1 200 ")


async def _answer(turns: int) -> bytes:
    """What one hears who asks so many turns of the event loop before the hand-over."""
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        first, serving = await _server_on(listener)
        with socket.create_connection(listener.getsockname()) as client:
            client.sendall(LAST)
            client.setblocking(False)
            for _ in range(turns):
                await asyncio.sleep(0)
            hand_over(first)
            second, serving_too = await _server_on(listener)
            answer = await asyncio.wait_for(loop.sock_recv(client, 65536), 20)
        second.should_exit = True
        await asyncio.gather(serving, serving_too)
    return answer


async def _server_on(listener: socket.socket) -> tuple[HttpServer, asyncio.Task[None]]:
    server = HttpServer(Echo(), Limits())
    serving = asyncio.create_task(server.serve([listener.dup()]))
    for _ in range(20):
        await asyncio.sleep(0)
    assert server.has_started
    return server, serving
