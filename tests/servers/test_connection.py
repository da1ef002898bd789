"""Attacks and accidents on one connection, and that the next caller never notices."""

import socket
from collections.abc import Iterator

import pytest

from tests.servers.echo import CHUNKED, GET, LAST, POST, Echo, assert_serves, content
from tests.servers.raw import Serving, answers, connected, read_answer, read_to_end, serving, talk

UPGRADE = POST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"


@pytest.fixture(scope="module")
def echo() -> Iterator[Serving]:
    with serving(Echo()) as running:
        yield running


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
    echo.wait_until(lambda: not echo.server.state.tasks)


def test_a_client_that_waits_to_be_asked_for_the_body(echo: Serving) -> None:
    with connected(echo) as client:
        client.sendall(POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert content(read_answer(client))["body"] == "abc"


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
