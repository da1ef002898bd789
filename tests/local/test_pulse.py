"""Heartbeats, by a clock that the test moves."""

from infergraph.local.pulse import Pulse


def test_silence_is_told_once_it_is_longer_than_the_limit() -> None:
    pulse = Pulse(limit_s=30, now_s=100)
    for now_s in range(100, 131, 10):
        assert pulse.silent_s(now_s) is None
    assert pulse.silent_s(131) == 31


def test_a_beat_begins_it_anew() -> None:
    pulse = Pulse(limit_s=30, now_s=0)
    for now_s in range(0, 300, 10):
        pulse.beat(now_s)
        assert pulse.silent_s(now_s + 5) is None


def test_who_was_away_does_not_blame_the_worker() -> None:
    pulse = Pulse(limit_s=30, now_s=0)
    assert pulse.silent_s(5) is None
    assert pulse.silent_s(1000) is None  # the machine slept; the beats of that time are not read yet
    for now_s in (1010, 1020, 1030):
        assert pulse.silent_s(now_s) is None
    assert pulse.silent_s(1031) == 31
