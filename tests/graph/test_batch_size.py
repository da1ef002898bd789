"""How many rows a call should have."""

from collections.abc import Callable

import pytest

from infergraph.graph.batch_size import GROWTH, START, WANTED_S, BatchSize


def after(seconds: Callable[[int], float], *, limit: int = 4096, calls: int = 50, waiting: int = 10**6) -> BatchSize:
    """The size after calls that take so long for their rows, with so many rows waiting each time."""
    size = BatchSize(limit)
    for _ in range(calls):
        rows = min(size.rows, waiting)
        size.note(rows, seconds(rows))
    return size


def test_it_begins_with_a_few() -> None:
    assert BatchSize(4096).rows == START
    assert BatchSize(2).rows == 2


def test_rows_that_cost_nothing_are_taken_along() -> None:
    assert after(lambda _: 0.3).rows == 4096
    assert after(lambda _: 0.0001).rows == 4096


def test_where_each_row_costs_as_much_as_a_call_nobody_waits_for_others() -> None:
    size = after(lambda rows: WANTED_S * rows)
    taken = []
    for _ in range(200):
        taken.append(size.rows)
        size.note(size.rows, WANTED_S * size.rows)
    assert set(taken) <= {1, 2}
    assert taken.count(2) <= 20  # to see whether it is still so


@pytest.mark.parametrize(("fixed", "row", "expected"), [(0.0, 0.001, 50), (0.01, 0.001, 40), (0.2, 0.001, 200)])
def test_a_call_takes_what_is_wanted_or_twice_the_fixed_cost(fixed: float, row: float, expected: int) -> None:
    size = BatchSize(4096)
    for rows in [1, 4, 16, 1, 8, 64] * 10:
        size.note(rows, fixed + row * rows)
    assert size.rows == pytest.approx(expected, abs=2)


def test_it_grows_step_by_step() -> None:
    size = BatchSize(4096)
    for rows in (START, START * GROWTH):
        size.note(rows, 0.001)
        assert size.rows <= rows * GROWTH


def test_it_forgets() -> None:
    size = after(lambda rows: 0.05 * rows)
    assert size.rows <= 2
    for rows in [1, 2, 1, 4] * 30:  # the machine is free again, and a request may bring several rows
        size.note(rows, 0.001)
    assert size.rows >= 4
