"""How long to wait before the next worker."""

from infergraph.local.backoff import Backoff


def delays(backoff: Backoff, count: int, *, start_s: float = 2.0, ready_s: float = 0.0) -> list[float]:
    return [backoff.delay_s(start_s=start_s, ready_s=ready_s) for _ in range(count)]


def test_the_first_replacement_comes_at_once_and_the_waits_double_up_to_half_a_minute() -> None:
    assert delays(Backoff(), 10) == [0, 0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_it_never_overflows() -> None:
    assert delays(Backoff(), 5000)[-1] == 30


def test_a_worker_that_was_ready_as_long_as_it_took_to_start_is_no_crash_loop() -> None:
    backoff = Backoff()
    delays(backoff, 5)
    assert delays(backoff, 3, ready_s=2.0) == [0, 0, 0]
    assert delays(backoff, 3, ready_s=1.9) == [0.5, 1, 2]


def test_a_start_of_no_time_needs_a_second() -> None:
    backoff = Backoff()
    assert delays(backoff, 3, start_s=0.1, ready_s=0.9) == [0, 0.5, 1]
    assert delays(backoff, 2, start_s=0.1, ready_s=1.0) == [0, 0]
