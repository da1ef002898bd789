"""Clients that are answered while they send, or that do not go."""

import pytest

from infergraph.servers.limits import Limits
from tests.servers.echo import Echo
from tests.servers.raw import answers, connected, read_to_end, serving


def test_an_early_answer_is_read_by_a_client_that_goes_on_sending() -> None:
    with serving(Echo()) as running, connected(running) as client:
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
