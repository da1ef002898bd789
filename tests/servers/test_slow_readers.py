"""Clients that ask and do not read: what they leave lying is not kept for ever."""

import pytest

from infergraph.servers.limits import Limits
from infergraph.servers.request import Reply, Request
from tests.servers.echo import reply
from tests.servers.raw import answers, connected, read_to_end, serving

SIZE_BYTES = 30_000_000
ASK = b"GET / HTTP/1.1\r\nHost: a\r\n"


class Large:
    """Answers more than a socket takes at once."""

    def accept(self, request: Request) -> int:
        return 0

    async def __call__(self, request: Request) -> Reply:
        return reply(bytes(SIZE_BYTES))


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
@pytest.mark.parametrize(
    "asked",
    [ASK + b"\r\n", ASK + b"Connection: close\r\n\r\n", (ASK + b"\r\n") * 2, ASK + b"\r\nrubbish"],
    ids=["keep-alive", "close", "pipelined", "refused"],
)
def test_an_answer_that_nobody_takes_is_dropped(asked: bytes, loop: str) -> None:
    limits = Limits(body_timeout_s=0.05, linger_s=0.05)
    with serving(Large(), limits, loop=loop) as running, connected(running) as client:
        client.sendall(asked)
        running.wait_until(lambda: running.server.state.total_requests > 0)
        running.wait_until(lambda: not running.connections())


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_an_answer_that_is_taken_slowly_arrives_whole(loop: str) -> None:
    with serving(Large(), Limits(body_timeout_s=0.05), loop=loop) as running, connected(running) as client:
        client.sendall(ASK + b"Connection: close\r\n\r\n")
        assert [len(answer.body) for answer in answers(read_to_end(client))] == [SIZE_BYTES]
