"""What attackers and careless clients send, over a real socket to a real process: each gets an answer of ours."""

import json
import socket

import pytest

from tests.servers.attacked import GOOD, Attack, assert_answered, assert_unharmed, path, request
from tests.servers.raw import answers, read_to_end
from tests.serving import Process


def head(lines: bytes, method: bytes = b"POST") -> bytes:
    """The head of a request to the identity model."""
    return b"%b %b HTTP/1.1\r\nHost: a\r\n%b\r\n" % (method, path("identity").encode(), lines)


HTTP = {
    "a body shorter than its length": Attack(head(b"Content-Length: 20\r\n") + GOOD, 408, "more of the body"),
    "a body longer than its length": Attack(head(b"Content-Length: 15\r\n") + GOOD + b"garbage", 200),
    "slow headers": Attack(b"POST / HTTP/1.1\r\nHost: a\r\nX: ", 408, "complete headers"),
    "slow body": Attack(head(b"Content-Length: 15\r\n") + b"{", 408, "more of the body"),
    "a million chunks of a byte": Attack(
        head(b"Connection: close\r\nTransfer-Encoding: chunked\r\n") + b"1\r\n \r\n" * 1_000_000 + b"0\r\n\r\n", 400
    ),
    "length and chunks": Attack(
        head(b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n") + b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n", 400, "HTTP"
    ),
    "64 KB of headers": Attack(head(b"X: " + b"a" * 65536 + b"\r\n"), 431),
    "10,000 headers": Attack(head(b"X: a\r\n" * 10_000), 431),
    "null in a header": Attack(head(b"X: a\0b\r\n"), 400),
    "null in the path": Attack(request("GET", "/a\0b", {}), 400),
    "a body over the limit": Attack(head(b"Content-Length: 99999999999\r\n"), 413, "at most 8000000 bytes"),
    "chunks over the limit": Attack(
        head(b"Transfer-Encoding: chunked\r\n") + (b"100000\r\n" + b" " * 2**20 + b"\r\n") * 9, 413, "at most"
    ),
    "TRACE": Attack(request("TRACE", path("identity"), {}), 405, "takes POST"),
    "CONNECT": Attack(request("CONNECT", "a:80", {}), 400),
    "GET": Attack(request("GET", path("identity"), {}), 405, "takes POST"),
    "GET with a body": Attack(request("GET", path("identity"), {}, GOOD), 405),
    "PATCH on metadata": Attack(request("PATCH", path("identity", "/api/v1.0/metadata"), {}), 405, "GET, HEAD"),
    "Expect: 100-continue of a body too large": Attack(
        head(b"Content-Length: 99999999\r\nExpect: 100-continue\r\n"), 413
    ),
    "another host": Attack(request("GET", "/", {"Host": "evil.example"}), 200, '"docs":"/seldon/'),
    "hosts of proxies": Attack(request("GET", "/nothing", {"X-Forwarded-Host": "evil.example"}), 404),
    "ranges of the page": Attack(
        request("GET", path("identity", "/api/v1.0/doc/"), {"Range": "bytes=" + "0-1," * 10_000}), 200, "<html"
    ),
}
PATHS = {
    f"{place} {name}": Attack(request("GET", path("identity", f"/api/v1.0/{place}/{name}"), {}), 404)
    for place in ("metadata", "status", "doc")
    for name in ("%00", "..", "..%2f..%2fetc%2fpasswd", "%252e%252e", "%5c..%5c", "%ff", "%", "<script>", "x" * 50_000)
} | {
    "an escaped slash": Attack(request("GET", path("identity", "/api%2Fv1.0/metadata"), {}), 404),
    "a slash too many": Attack(request("GET", "/" + path("identity", "/ready"), {}), 404),
    "dots": Attack(request("GET", path("identity", "/../iris/ready"), {}), 404),
    "OPTIONS of nothing": Attack(request("OPTIONS", "/nothing", {}), 404),
    "a letter escaped": Attack(request("GET", path("identity", "/api/v1.0/metadata/%69dentity"), {}), 200),
}


@pytest.mark.parametrize("attack", [*HTTP.values(), *PATHS.values()], ids=[*HTTP, *PATHS])
def test_an_attack_is_answered_and_the_next_caller_served(server: Process, attack: Attack) -> None:
    assert_answered(server, attack)


def test_500_idle_connections_keep_nobody_waiting(server: Process) -> None:
    clients = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(500)]
    try:
        assert_unharmed(server)
        assert {client.recv(1) for client in clients} == {b""}
    finally:
        for client in clients:
            client.close()


def test_a_client_that_asks_before_it_sends(server: Process) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(head(b"Connection: close\r\nContent-Length: 15\r\nExpect: 100-continue\r\n"))
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(GOOD)
        assert answers(read_to_end(client))[0].status == 200


def test_pipelined_requests_of_a_half_closed_client(server: Process) -> None:
    one = head(b"Content-Length: 15\r\n")
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall((one + b'{"strData":"1"}') + (one + b'{"strData":"2"}') + (one + b'{"strData":"3"'))
        client.shutdown(socket.SHUT_WR)
        *served, cut = answers(read_to_end(client))
    assert [json.loads(answer.body)["strData"] for answer in served] == ["1", "2"]
    assert cut.status == 400
    assert_unharmed(server)


@pytest.mark.parametrize("sent", [b"POST", head(b"Content-Length: 15\r\n"), head(b"Content-Length: 15\r\n") + GOOD])
def test_a_client_that_leaves_in_the_middle(server: Process, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(sent)
    assert_unharmed(server)


@pytest.mark.parametrize("rest", ["/api/v1.0/predictions", "/api/v1.0/metadata", "/ready", "/nothing"])
def test_head_has_the_headers_and_no_body(server: Process, rest: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(request("HEAD", path("identity", rest), {}))
        raw = read_to_end(client)
    assert raw.startswith(b"HTTP/1.1 ")
    assert raw.endswith(b"\r\n\r\n")
