"""How long a connection waits: for a request, for the rest of one, and for those on their way when it goes down."""

import pytest

from infergraph.servers.limits import Limits
from tests.servers.echo import CHUNKED, GET, POST, Echo, assert_serves, content
from tests.servers.raw import answers, connected, read_answer, read_to_end, serving, talk

STALLED = {
    "head": (GET, [408], "HEADER_TIMEOUT"),
    "body": (POST + b"Content-Length: 9\r\n\r\nabc", [408], "BODY_TIMEOUT"),
    "chunked body": (CHUNKED + b"5\r\nabc", [408], "BODY_TIMEOUT"),
    "second head": (GET + b"\r\n" + GET, [200, 408], "HEADER_TIMEOUT"),
    "second body": (GET + b"\r\n" + CHUNKED, [200, 408], "BODY_TIMEOUT"),
}


@pytest.mark.parametrize(("part", "statuses", "reason"), STALLED.values(), ids=STALLED.keys())
@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_a_request_that_stalls_is_refused(part: bytes, statuses: list[int], reason: str, loop: str) -> None:
    limits = Limits(header_timeout_s=0.05, body_timeout_s=0.05)
    with serving(Echo(), limits, loop=loop) as running:
        found = talk(running, part)
        assert [answer.status for answer in found] == statuses
        assert found[-1].reason == reason
        assert_serves(running)


@pytest.mark.parametrize("part", [b"", b"\r\n"])
def test_a_connection_that_asks_nothing_is_closed_without_a_word(part: bytes) -> None:
    with serving(Echo(), Limits(header_timeout_s=0.05)) as running:
        assert talk(running, part) == []


@pytest.mark.parametrize("drop", [b"X: y\r\n", b"a"])
def test_dripping_headers_do_not_move_the_clock(drop: bytes) -> None:
    limits = Limits(header_timeout_s=0.1, header_count=10_000_000, header_bytes=100_000_000)
    with serving(Echo(), limits) as running, connected(running) as client:
        client.sendall(GET)
        client.settimeout(0.001)
        raw = b""
        while not raw:
            client.send(drop)
            try:
                raw = client.recv(65536)
            except TimeoutError:
                continue
        assert answers(raw)[0].status == 408


def test_a_dripping_body_is_served() -> None:
    with serving(Echo(), Limits(body_timeout_s=0.1)) as running, connected(running) as client:
        client.sendall(POST + b"Content-Length: 40\r\n\r\n")
        client.settimeout(0.005)
        for _ in range(40):
            with pytest.raises(TimeoutError):
                client.recv(65536)
            client.send(b"a")
        client.settimeout(20)
        assert content(read_answer(client))["body"] == "a" * 40


def test_an_idle_connection_is_closed() -> None:
    with serving(Echo(), Limits(keep_alive_s=0.05)) as running:
        assert [answer.status for answer in talk(running, GET + b"\r\n")] == [200]


def test_a_request_may_run_for_longer_than_a_connection_may_idle() -> None:
    app = Echo()
    with serving(app, Limits(keep_alive_s=0.05)) as running, connected(running) as busy, connected(running) as idle:
        busy.sendall(GET + b"\r\n" + b"GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
        assert app.has_begun.wait(20)
        idle.sendall(GET + b"\r\n")
        read_to_end(idle)  # as long as it takes to find a connection idle
        running.on_loop(app.hold.set)
        assert [answer.status for answer in answers(read_to_end(busy))] == [200, 200]


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_going_down_serves_what_is_on_its_way_and_what_runs(loop: str) -> None:
    app = Echo()
    with (
        serving(app, Limits(drain_grace_s=10), loop=loop) as running,
        connected(running) as fresh,
        connected(running) as idle,
        connected(running) as arriving,
        connected(running) as busy,
    ):
        idle.sendall(GET + b"\r\n")
        assert read_answer(idle).headers.get("connection") is None
        arriving.sendall(GET)
        busy.sendall(b"GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
        assert app.has_begun.wait(20)
        running.wait_until(lambda: len(running.connections()) == 4)
        running.drain()
        running.on_loop(app.hold.set)
        arriving.sendall(b"\r\n")
        for client in (fresh, idle):
            client.sendall(GET + b"\r\n")
        for client in (fresh, idle, arriving, busy):
            (answer,) = answers(read_to_end(client))
            assert (answer.status, answer.headers["connection"]) == (200, "close")
        running.join()


def test_going_down_does_not_wait_long_for_idle_connections() -> None:
    with (
        serving(Echo(), Limits(drain_grace_s=0.05)) as running,
        connected(running) as fresh,
        connected(running) as idle,
    ):
        idle.sendall(GET + b"\r\n")
        read_answer(idle)
        running.wait_until(lambda: len(running.connections()) == 2)
        running.drain()
        assert read_to_end(fresh) == read_to_end(idle) == b""
        running.join()
