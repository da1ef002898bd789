import numpy as np
import pytest

from infergraph.runtimes.acceleration.comparison import TOLERANCE, difference, microseconds

ONES = np.ones((2, 2))


@pytest.mark.parametrize(
    ("expected", "answer", "apart"),
    [
        (ONES, ONES + 1e-3, 1e-3),
        (1000 * ONES, 1000 * ONES + 1, 1e-3),  # beside the number itself
        (ONES, np.ones((2, 1)), np.inf),
        (ONES, [[1.0, 1.0], [1.0, 1.0]], np.inf),
        (ONES, ONES.astype(int), np.inf),
        (ONES.astype(int), ONES.astype(int), 0.0),
        (np.array(["a", "b"]), np.array(["a", "c"]), np.inf),
        (np.array(["a", "b"]), np.array(["a", "b"]), 0.0),
        (np.array([np.nan, np.inf]), np.array([np.nan, np.inf]), 0.0),
        (np.array([np.nan]), np.array([1.0]), np.inf),
        (np.array([np.inf]), np.array([-np.inf]), np.inf),
        (np.array([1.0]), np.array([np.nan]), np.inf),
        (np.empty(0), np.empty(0), 0.0),
    ],
)
def test_how_far_apart(expected: np.ndarray, answer: object, apart: float) -> None:
    assert difference(expected, answer) == pytest.approx(apart)
    assert (difference(expected, answer) <= TOLERANCE) == (apart <= TOLERANCE)


def test_a_time_is_that_of_one_call() -> None:
    calls: list[np.ndarray] = []
    assert 0 < microseconds(calls.append, ONES) < 1e6
    assert all(call is ONES for call in calls)
