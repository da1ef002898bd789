"""The course of a call, with a clock that the test moves."""

from typing import Any

import pytest

from infergraph.client import Busy, Client, ClientError, ConnectionFailed, ConnectionLost, Retries, Timeout, Timeouts
from infergraph.client.request import Reply, Request

OK = Reply(200, {}, b'{"jsonData": 1}')


def busy(retry_after: str) -> Reply:
    return Reply(503, {"retry-after": retry_after}, b"")


class Scripted:
    """A transport that answers as the script says, and a clock that moves only when somebody waits."""

    def __init__(self, *script: Reply | ClientError, takes_s: float = 0.0) -> None:
        self.script = list(script)
        self.sent: list[tuple[Request, Timeouts]] = []
        self.pauses: list[float] = []
        self.now = 100.0
        self.takes_s = takes_s

    def send(self, request: Request, timeouts: Timeouts) -> Reply:
        self.sent.append((request, timeouts))
        self.now += self.takes_s
        step = self.script.pop(0)
        if isinstance(step, ClientError):
            raise step
        return step

    def close(self) -> None:
        self.script.clear()

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def client(self, **settings: Any) -> Client:
        return Client("http://a", transport=self, sleep=self.sleep, clock=lambda: self.now, **settings)


def test_pauses_double_up_to_the_longest() -> None:
    failed = [ConnectionFailed("no") for _ in range(5)]
    script = Scripted(*failed, OK)
    assert script.client(retries=Retries(attempts=6, pause_s=0.5, longest_s=3)).predict({}).data == 1
    assert script.pauses == [0.5, 1, 2, 3, 3]


def test_a_pause_is_as_long_as_the_server_asks() -> None:
    script = Scripted(busy("7"), busy("0"), OK)
    script.client().predict({})
    assert script.pauses == [7, 0.2]


@pytest.mark.parametrize("retry_after", ["", "-1", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "٣x"])
def test_what_is_no_number_of_seconds_is_no_invitation(retry_after: str) -> None:
    script = Scripted(busy(retry_after), OK)
    with pytest.raises(Busy) as found:
        script.client().predict({})
    assert found.value.retry_after_s is None
    assert script.pauses == []


def test_nobody_waits_beyond_the_time_of_the_call() -> None:
    script = Scripted(busy("60"), OK)
    with pytest.raises(Busy):
        script.client(timeouts=Timeouts(total_s=60)).predict({})
    assert script.pauses == []


def test_every_attempt_has_what_is_left_of_the_time() -> None:
    script = Scripted(ConnectionFailed("no"), busy("2"), OK, takes_s=3)
    script.client(timeouts=Timeouts(connect_s=4, total_s=10), retries=Retries(pause_s=1)).predict({})
    assert [timeouts.total_s for _, timeouts in script.sent] == [10, 6, 1]
    assert [timeouts.connect_s for _, timeouts in script.sent] == [4, 4, 1]


@pytest.mark.parametrize("error", [ConnectionLost("gone"), Timeout("late")])
def test_what_may_have_been_executed_is_not_sent_again(error: ClientError) -> None:
    script = Scripted(error, OK)
    with pytest.raises(type(error)):
        script.client().predict({})
    assert len(script.sent) == 1


@pytest.mark.parametrize("failure", [ConnectionFailed("no"), busy("0"), ConnectionLost("gone")])
def test_feedback_is_sent_once(failure: Any) -> None:
    script = Scripted(OK, failure, OK)
    client = script.client()
    result = client.predict({})
    with pytest.raises(ClientError):
        client.feedback(result, reward=1)
    assert len(script.sent) == 2


def test_waiting_asks_until_it_is_so() -> None:
    script = Scripted(ConnectionFailed("no"), Timeout("late"), busy(""), Reply(200, {}, b""))
    script.client().wait_ready(60)
    assert script.pauses == [0.05, 0.1, 0.2]


def test_waiting_ends_in_time_with_what_came_last() -> None:
    script = Scripted(*[busy("")] * 100)
    with pytest.raises(Timeout, match="It was not ready within 3 s; the last answer: the server answered"):
        script.client().wait_ready(3)
    assert 102 <= script.now < 103


def test_waiting_does_not_hide_a_mistake() -> None:
    script = Scripted(Reply(404, {}, b'{"error":"nothing is here"}'))
    with pytest.raises(ClientError, match="nothing is here"):
        script.client().wait_ready(3)
