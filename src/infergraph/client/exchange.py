"""The course of a call: attempts, pauses, and when to give up; without sending, and without a clock of its own.

A course is a generator. It yields what is to be done, a `Send` or a `Pause`; whoever drives it does that, and sends
back the reply, or throws in the error that came instead. What the generator returns is the result.
"""

from collections.abc import Callable, Generator
from typing import TypeVar

import msgspec

from infergraph.client.errors import BadReply, Busy, ClientError, ConnectionFailed, Timeout
from infergraph.client.request import Call, Reply, Request, Timeouts

T = TypeVar("T")
Now = Callable[[], float]


class Retries(msgspec.Struct, frozen=True):
    """When a call is made again: only where nothing was executed, at most ``attempts`` times in all.

    That is when no connection was made, or when the server answered 503 with a Retry-After. The first pause is
    ``pause_s`` seconds, each further one twice as long up to ``longest_s``, and never shorter than the server asks.
    """

    attempts: int = 3
    pause_s: float = 0.1
    longest_s: float = 2.0

    def pause(self, attempt: int) -> float:
        """The seconds to wait after this attempt; the first one is 1."""
        return float(min(self.longest_s, self.pause_s * 2 ** min(attempt - 1, 30)))


class Send(msgspec.Struct, frozen=True):
    """Send this, and send back the reply."""

    request: Request
    timeouts: Timeouts


class Pause(msgspec.Struct, frozen=True):
    """Wait so long."""

    seconds: float


Course = Generator[Send | Pause, Reply | None, T]


def course(call: Call[T], retries: Retries, timeouts: Timeouts, now: Now) -> Course[T]:
    """The course of one call."""
    ends = now() + timeouts.total_s
    attempt = 1
    while True:
        try:
            return call.read(_reply((yield Send(call.request, _until(ends, timeouts, now)))))
        except (ConnectionFailed, Busy) as error:
            pause_s = max(retries.pause(attempt), _asked(error))
            if not _may_repeat(call, error) or attempt >= retries.attempts or now() + pause_s >= ends:
                raise
        yield Pause(pause_s)
        attempt += 1


def wait_course(call: Call[bool], timeout_s: float, timeouts: Timeouts, now: Now) -> Course[None]:
    """Ask until the answer is yes. :raises Timeout: when it is not within the time, with what came last."""
    ends = now() + timeout_s
    attempt = 1
    while True:
        last = "the server answered that it is not ready"
        try:
            if call.read(_reply((yield Send(call.request, _until(ends, timeouts, now))))):
                return
        except (ConnectionFailed, Timeout, Busy) as error:
            last = str(error)
        pause_s = _POLLING.pause(attempt)
        if now() + pause_s >= ends:
            raise Timeout(f"It was not ready within {timeout_s:g} s; the last answer: {last}")
        yield Pause(pause_s)
        attempt += 1


def probe_course(call: Call[bool], timeouts: Timeouts, now: Now) -> Course[bool]:
    """Ask once; where nothing answers, the answer is no."""
    try:
        return call.read(_reply((yield Send(call.request, _until(now() + timeouts.total_s, timeouts, now)))))
    except (ConnectionFailed, Timeout):
        return False


_POLLING = Retries(pause_s=0.05, longest_s=1.0)


def _until(ends: float, timeouts: Timeouts, now: Now) -> Timeouts:
    """The timeouts of one attempt, of which all together end then."""
    left = max(ends - now(), 0.001)
    return Timeouts(min(timeouts.connect_s, left), min(timeouts.total_s, left))


def _may_repeat(call: Call[T], error: ClientError) -> bool:
    was_asked = not isinstance(error, Busy) or error.retry_after_s is not None
    return call.is_repeatable and was_asked


def _asked(error: ClientError) -> float:
    return (error.retry_after_s or 0.0) if isinstance(error, Busy) else 0.0


def _reply(reply: Reply | None) -> Reply:
    if reply is None:
        raise BadReply("The transport gave no reply")
    return reply
