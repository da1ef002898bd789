import numpy as np
import pytest

from infergraph.runtimes.acceleration.probes import COUNT, FINITE, probes
from infergraph.runtimes.rows import Rows, Takes

LIMITS = np.array([0.1, 0.8, 5.35])
NUMBERS = Rows(Takes.NUMBERS, 2, takes_nan=False, takes_infinity=False)


def test_they_are_always_the_same() -> None:
    np.testing.assert_array_equal(probes(NUMBERS, 2, {0: LIMITS}), probes(NUMBERS, 2, {0: LIMITS}))


def test_many_lie_on_thresholds_and_next_to_them_in_both_precisions() -> None:
    found = probes(NUMBERS, 2, {1: LIMITS})
    assert found.shape == (COUNT, 2)
    assert np.isfinite(found).all()
    for limit in LIMITS:
        single = np.float32(limit)
        for value in (
            0.0,
            limit,
            np.nextafter(limit, 9),
            np.nextafter(limit, -9),
            single,
            np.nextafter(single, np.float32(9)),
        ):
            assert (found[:, 1] == value).any()
        assert not (found[:, 0] == limit).any()


@pytest.mark.parametrize(("takes_nan", "takes_infinity"), [(True, False), (False, True), (True, True)])
def test_what_is_no_number_comes_where_the_model_takes_it(takes_nan: bool, takes_infinity: bool) -> None:
    found = probes(Rows(Takes.NUMBERS, 9, takes_nan=takes_nan, takes_infinity=takes_infinity), 9, {})
    assert np.isnan(found).any() == takes_nan
    assert np.isinf(found).any() == takes_infinity
    assert np.isfinite(found[FINITE]).all()
