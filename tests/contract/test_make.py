"""Rows made of a contract keep it."""

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infergraph.contract.feature import Feature
from infergraph.contract.judge import judge
from infergraph.contract.make import names_of, rows_of
from infergraph.payloads.payload import Encoding, Payload


def features(*given: dict[str, Any]) -> list[Feature]:
    return msgspec.convert(list(given), list[Feature])


def made(*given: dict[str, Any], rows: int = 200) -> Any:
    return rows_of(features(*given), rows, np.random.default_rng(7))


def test_a_range_is_kept_and_used() -> None:
    rows = made({"name": "x", "dtype": "FLOAT", "ftype": "continuous", "range": [2, 3]})
    assert rows.shape == (200, 1)
    assert rows.dtype == np.float64
    assert 2 <= rows.min() < 2.2
    assert 2.8 < rows.max() <= 3
    assert np.array_equal(rows, rows.round(3))


@pytest.mark.parametrize(("limits", "low", "high"), [(["inf", 2], -np.inf, 2), ([2, "inf"], 2, np.inf)])
def test_a_range_with_one_limit(limits: list[Any], low: float, high: float) -> None:
    rows = made({"name": "x", "ftype": "continuous", "range": limits})
    assert low <= rows.min() < rows.max() <= high


def test_a_range_without_limits() -> None:
    rows = made({"name": "x", "ftype": "continuous", "range": ["inf", "inf"]})
    assert rows.min() < 0 < rows.max()


def test_whole_numbers() -> None:
    rows = made({"name": "x", "dtype": "INT", "ftype": "continuous", "range": [1, 3]})
    assert rows.dtype == np.int64
    assert set(rows.ravel().tolist()) == {1, 2, 3}


def test_categories_beside_numbers() -> None:
    rows = made(
        {"name": "c", "ftype": "categorical", "values": ["a", "b"]},
        {"name": "x", "dtype": "INT", "ftype": "continuous", "range": [1, 3]},
    )
    assert rows.dtype == object
    assert set(rows[:, 0]) == {"a", "b"}
    assert set(map(type, rows[:, 1])) == {int}


def test_shapes_and_repetitions() -> None:
    x = {"name": "x", "ftype": "continuous", "range": [0, 1]}
    assert made({**x, "repeat": 3}).shape == (200, 3)
    assert made({**x, "shape": [4]}, {**x, "shape": [2], "repeat": 2}).shape == (200, 8)
    assert made({**x, "shape": [4, 5]}).shape == (200, 4, 5)
    assert names_of(features({**x, "repeat": 2}, {**x, "name": "y"})) == ["x1", "x2", "y"]
    assert names_of(features({**x, "shape": [4]})) == []


def test_a_seed_decides_everything() -> None:
    x = {"name": "x", "ftype": "continuous"}
    assert np.array_equal(made(x), made(x))


numbers = st.floats(-1e6, 1e6)
limits = st.one_of(
    st.tuples(numbers, st.floats(1, 1e6)).map(lambda pair: [pair[0], pair[0] + pair[1]]),
    numbers.map(lambda low: [low, "inf"]),
    numbers.map(lambda high: ["inf", high]),
)


@given(
    limits=limits,
    dtype=st.sampled_from(["INT", "FLOAT"]),
    repeat=st.integers(1, 3),
    seed=st.integers(0, 2**32),
)
def test_whatever_a_feature_makes_it_allows(limits: Any, dtype: str, repeat: int, seed: int) -> None:
    found = features({"name": "x", "dtype": dtype, "ftype": "continuous", "range": limits, "repeat": repeat})
    rows = rows_of(found, 5, np.random.default_rng(seed))
    assert list(judge(found, 5, Payload(rows, Encoding.NDARRAY))) == []
