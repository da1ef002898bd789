"""When a component that cannot be reached is tried again, by a clock of the test's own."""

import pytest

from infergraph.graph.remote.circuit import FAILURES, FIRST_WAIT_S, LONGEST_WAIT_S, Circuit


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def opened(clock: Clock) -> Circuit:
    circuit = Circuit(clock)
    assert [circuit.failed() for _ in range(FAILURES)] == [*[False] * (FAILURES - 1), True]
    return circuit


def test_it_opens_after_failures_in_a_row_only() -> None:
    circuit = Circuit(Clock())
    for _ in range(10):
        assert not any(circuit.failed() for _ in range(FAILURES - 1))
        assert not circuit.connected()
    assert (circuit.is_open, circuit.wait_s()) == (False, 0.0)


def test_open_it_lets_one_try_after_the_wait_and_nobody_else() -> None:
    clock = Clock()
    circuit = opened(clock)
    assert circuit.wait_s() == pytest.approx(FIRST_WAIT_S)
    clock.now_s += FIRST_WAIT_S
    assert circuit.wait_s() == 0.0
    assert circuit.wait_s() > 0
    assert circuit.is_open


def test_a_try_that_never_ends_keeps_no_other_from_trying() -> None:
    clock = Clock()
    circuit = opened(clock)
    for _ in range(3):
        clock.now_s += LONGEST_WAIT_S
        assert circuit.wait_s() == 0.0


def test_the_waits_double_to_the_longest_and_no_further() -> None:
    clock = Clock()
    circuit = opened(clock)
    waits = []
    for _ in range(8):
        waits.append(round(circuit.wait_s(), 6))
        clock.now_s += waits[-1]
        assert circuit.wait_s() == 0.0
        assert not circuit.failed()  # it was open already
    assert waits == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0]


def test_a_connection_closes_it_and_all_is_as_at_first() -> None:
    clock = Clock()
    circuit = opened(clock)
    clock.now_s += 10
    assert circuit.wait_s() == 0.0
    assert circuit.connected()
    assert not circuit.connected()
    assert (circuit.is_open, circuit.wait_s()) == (False, 0.0)
    assert [circuit.failed() for _ in range(FAILURES)] == [*[False] * (FAILURES - 1), True]
    assert circuit.wait_s() == pytest.approx(FIRST_WAIT_S)
