"""Attacks and accidents on one connection, and that the next caller never notices."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from infergraph.servers.limits import Limits
from tests.servers.raw import Answer, Serving, answers, connected, read_answer, read_to_end, serving, talk

GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
LAST = GET + b"Connection: close\r\n\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
UPGRADE = POST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"


class Echo:
    """Answers what arrived. ``/hold`` waits before it does, ``/full`` refuses a body that it does not read."""

    def __init__(self) -> None:
        self.has_begun = threading.Event()
        self.hold = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/full":
            return await self.answer(send, b"too large", 413, (b"connection", b"close"))
        if scope["path"] == "/unread":
            return await self.answer(send, b"not found", 404)
        if scope["path"] == "/hold":
            self.has_begun.set()
            await self.hold.wait()
        if (body := await self.read(receive)) is None:
            return None
        what = {key: scope[key] for key in ("method", "path")} | {"query": scope["query_string"].decode()}
        what["body"] = body.decode("latin-1") if len(body) < 100 else len(body)
        what["headers"] = [name.decode() for name, _ in scope["headers"]]
        return await self.answer(send, msgspec.json.encode(what))

    async def read(self, receive: Any) -> bytes | None:
        parts = []
        while (message := await receive())["type"] == "http.request":
            parts.append(message["body"])
            if not message["more_body"]:
                return b"".join(parts)
        return None

    async def answer(self, send: Any, body: bytes, status: int = 200, *headers: tuple[bytes, bytes]) -> None:
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def echo() -> Iterator[Serving]:
    with serving(Echo()) as running:
        yield running


def content(answer: Answer) -> Any:
    assert answer.status == 200
    return msgspec.json.decode(answer.body)


def assert_serves(running: Serving) -> None:
    assert [answer.status for answer in talk(running, LAST)] == [200]


MALFORMED = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/2.0": b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
    "unknown method": b"FETCH / HTTP/1.1\r\nHost: a\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": GET + b"Host: b\r\n\r\n",
    "null in header": GET + b"X: a\0b\r\n\r\n",
    "null in name": GET + b"X\0: a\r\n\r\n",
    "null in path": b"GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n",
    "space in path": b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
    "fragment": b"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
    "bytes over ASCII in path": b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    "relative target": b"GET a HTTP/1.1\r\nHost: a\r\n\r\n",
    "star with GET": b"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
    "absolute target with a bad port": b"GET http://a:99999/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "another scheme": b"GET ftp://a/b HTTP/1.1\r\nHost: a\r\n\r\n",
    "CONNECT": b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
    "CONNECT to a path": b"CONNECT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    "folded header": GET + b"X: a\r\n b\r\n\r\n",
    "line feed alone": b"GET / HTTP/1.1\nHost: a\n\n",
    "carriage return in header": GET + b"X: a\rY: b\r\n\r\n",
    "space before colon": POST + b"Content-Length : 3\r\n\r\nabc",
    "length and chunked": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "list of lengths": POST + b"Content-Length: 3, 4\r\n\r\nabcd",
    "signed length": POST + b"Content-Length: +3\r\n\r\nabc",
    "length over 64 bits": POST + b"Content-Length: 99999999999999999999\r\n\r\nabc",
    "coding that we do not have": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "coding that nobody has": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked in HTTP/1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunk size no number": CHUNKED + b"zz\r\n",
    "chunk size negative": CHUNKED + b"-1\r\n",
    "chunk size over 64 bits": CHUNKED + b"fffffffffffffffff\r\n",
    "chunk longer than its size": CHUNKED + b"1\r\nab\r\n0\r\n\r\n",
    "length in trailer": CHUNKED + b"0\r\nContent-Length: 5\r\n\r\n",
}


@pytest.mark.parametrize("request_bytes", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_not_http_to_the_letter_is_refused(echo: Serving, request_bytes: bytes) -> None:
    (answer,) = talk(echo, request_bytes)
    assert (answer.status, answer.reason) == (400, "MALFORMED_HTTP")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["connection"] == "close"
    assert_serves(echo)


TOO_LARGE = {
    "one header": GET + b"X: " + b"a" * 65536 + b"\r\n\r\n",
    "one header without end": GET + b"X: " + b"a" * 1_000_000,
    "path": b"GET /" + b"a" * 65536 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "many headers": GET + b"X: y\r\n" * 100 + b"\r\n",
    "headers without end": GET + b"X: y\r\n" * 10_000,
    "second in the pipeline": LAST.replace(b"close", b"keep") + GET + b"X: " + b"a" * 65536 + b"\r\n\r\n",
    "chunk extension": CHUNKED + b"1;" + b"a" * 1_000_000,
    "trailers": CHUNKED + b"1\r\na\r\n0\r\n" + b"X: y\r\n" * 200_000,
}


@pytest.mark.parametrize("request_bytes", TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_headers_over_the_limit_are_refused(echo: Serving, request_bytes: bytes) -> None:
    answer = talk(echo, request_bytes)[-1]
    assert (answer.status, answer.reason) == (431, "HEADERS_TOO_LARGE")
    assert_serves(echo)


def test_headers_up_to_the_limit_are_served(echo: Serving) -> None:
    lines = b"X: y\r\n" * 97 + b"Y: " + b"a" * 60_000 + b"\r\n"
    assert len(content(talk(echo, GET + lines + LAST[len(GET) :])[0])["headers"]) == 100


def test_endless_line_ends_are_no_request(echo: Serving) -> None:
    assert talk(echo, b"\r\n" * 100_000)[0].status == 400
    assert_serves(echo)


SERVED = {
    "absolute target": (b"GET http://b/x?y=1 HTTP/1.1\r\nHost: a\r\n", {"path": "/x", "query": "y=1"}),
    "absolute target without path": (b"GET http://b?y HTTP/1.1\r\nHost: a\r\n", {"path": "/", "query": "y"}),
    "OPTIONS *": (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n", {"method": "OPTIONS", "path": "/"}),
    "TRACE": (b"TRACE / HTTP/1.1\r\nHost: a\r\n", {"method": "TRACE"}),
    "two slashes": (b"GET //b/x HTTP/1.1\r\nHost: a\r\n", {"path": "//b/x"}),
    "encoded null": (b"GET /%00 HTTP/1.1\r\nHost: a\r\n", {"path": "/\0"}),
    "HTTP/1.0 without host": (b"GET / HTTP/1.0\r\n", {"path": "/"}),
    "line ends before": (b"\r\n\r\n" + GET, {"path": "/"}),
}


@pytest.mark.parametrize(("head", "expected"), SERVED.values(), ids=SERVED.keys())
def test_odd_but_right_requests_are_served(echo: Serving, head: bytes, expected: dict[str, str]) -> None:
    (answer,) = talk(echo, head + b"Connection: close\r\n\r\n")
    assert content(answer).items() >= expected.items()


@pytest.mark.parametrize(
    "framed", [b"Content-Length: 3\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"]
)
def test_an_upgrade_is_answered_as_a_plain_request_with_its_body(echo: Serving, framed: bytes) -> None:
    first, second, third = talk(echo, UPGRADE + framed + UPGRADE + framed + LAST)
    assert content(first)["body"] == content(second)["body"] == "abc"
    assert "upgrade" not in content(first)["headers"]
    assert third.status == 200


CUT = {
    "plain": (POST + b"Content-Length: 3\r\n\r\nabc" + LAST, [200, 200]),
    "upgrade": (UPGRADE + b"Content-Length: 3\r\n\r\nabc" + LAST, [200, 200]),
    "fragment": (GET + b"\r\n" + MALFORMED["fragment"], [200, 400]),
    "CONNECT": (MALFORMED["CONNECT"], [400]),
    "length and chunked": (MALFORMED["length and chunked"], [400]),
}


@pytest.mark.parametrize(("request_bytes", "statuses"), CUT.values(), ids=CUT.keys())
def test_it_does_not_matter_where_packets_end(echo: Serving, request_bytes: bytes, statuses: list[int]) -> None:
    with connected(echo) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in request_bytes:
            client.send(bytes([byte]))
        assert [answer.status for answer in answers(read_to_end(client))] == statuses


def test_a_bad_request_after_an_upgrade_is_refused(echo: Serving) -> None:
    found = talk(echo, UPGRADE + b"\r\n" + MALFORMED["fragment"])
    assert [answer.status for answer in found] == [200, 400]


def test_a_thousand_upgrades_in_one_go(echo: Serving) -> None:
    found = talk(echo, (UPGRADE + b"Content-Length: 3\r\n\r\nabc") * 1000 + LAST)
    assert len(found) == 1001


def test_pipelined_requests_are_answered_in_order(echo: Serving) -> None:
    found = talk(echo, b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % n for n in range(50)) + LAST)
    assert [content(answer)["path"] for answer in found] == [f"/{n}" for n in range(50)] + ["/"]


def test_a_refusal_waits_for_the_answers_before_it(echo: Serving) -> None:
    found = talk(echo, GET + b"\r\n" + GET + b"\r\n" + CHUNKED + b"zz\r\n")
    assert [answer.status for answer in found] == [200, 200, 400]


def test_rubbish_after_the_last_request_does_not_cost_its_answer(echo: Serving) -> None:
    assert [answer.status for answer in talk(echo, LAST + b"rubbish")] == [200]


def test_trailers_do_not_look_like_headers(echo: Serving) -> None:
    with connected(echo) as client:
        client.sendall(CHUNKED + b"1\r\na\r\n0\r\nX-Admin: yes\r\n\r\n")
        assert content(read_answer(client))["headers"] == ["host", "transfer-encoding"]


def test_a_half_closed_client_gets_its_answers(echo: Serving) -> None:
    with connected(echo) as client:
        client.sendall(GET + b"\r\n" + POST + b"Content-Length: 3\r\n\r\nabc")
        client.shutdown(socket.SHUT_WR)
        assert [content(answer)["body"] for answer in answers(read_to_end(client))] == ["", "abc"]


@pytest.mark.parametrize("part", [GET, POST + b"Content-Length: 9\r\n\r\nabc", CHUNKED + b"5\r\nab"])
def test_a_request_that_ends_too_soon_is_refused(echo: Serving, part: bytes) -> None:
    with connected(echo) as client:
        client.sendall(part)
        client.shutdown(socket.SHUT_WR)
        assert [answer.status for answer in answers(read_to_end(client))] == [400]


@pytest.mark.parametrize("part", [b"", GET, POST + b"Content-Length: 9\r\n\r\nabc", GET + b"\r\n" + GET + b"\r\n"])
def test_a_client_that_vanishes_harms_nobody(echo: Serving, part: bytes) -> None:
    with connected(echo) as client:
        client.sendall(part)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # close with a reset
    assert_serves(echo)
    echo.wait_until(lambda: not echo.server.server_state.tasks)


def test_a_client_that_waits_to_be_asked_for_the_body(echo: Serving) -> None:
    with connected(echo) as client:
        client.sendall(POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert content(read_answer(client))["body"] == "abc"


def test_an_early_answer_is_read_by_a_client_that_goes_on_sending(echo: Serving) -> None:
    with connected(echo) as client:
        client.sendall(b"POST /full HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n" + b"a" * 20_000_000)
        assert [answer.status for answer in answers(read_to_end(client))] == [413]


@pytest.mark.parametrize("path", [b"/full", b"/unread"])
def test_a_client_that_sends_for_ever_is_cut_off(path: bytes) -> None:
    with serving(Echo(), Limits(body_bytes=100_000)) as running, connected(running) as client:
        client.sendall(b"POST " + path + b" HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n")
        with pytest.raises(ConnectionError):
            client.sendall(b"a" * 100_000_000)


def test_a_client_that_does_not_close_is_cut_off() -> None:
    with serving(Echo(), Limits(linger_s=0.05)) as running, connected(running) as client:
        client.sendall(b"POST /full HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
        assert [answer.status for answer in answers(read_to_end(client))] == [413]
        running.wait_until(lambda: not running.connections())


def test_the_connection_goes_on_after_a_body_that_nobody_read(echo: Serving) -> None:
    with connected(echo) as client:
        client.sendall(b"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n")
        assert read_answer(client).status == 404
        client.sendall(b"a" * 300_000 + LAST)
        assert [answer.status for answer in answers(read_to_end(client))] == [200]


def test_three_million_chunks_of_one_byte(echo: Serving) -> None:
    with connected(echo) as client:
        client.sendall(CHUNKED + b"1\r\na\r\n" * 3_000_000 + b"0\r\n\r\n")
        assert content(read_answer(client))["body"] == 3_000_000


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
