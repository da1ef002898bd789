from typing import Any

import numpy as np
import pytest

from infergraph.errors import BadMessage
from infergraph.runtimes.rows import Rows, Takes

NAMES = ("sepal length", "sepal width", "petal length", "petal width")
STRICT = Rows(Takes.NUMBERS, 4, NAMES, takes_nan=False, takes_infinity=False)
MISSING = Rows(Takes.NUMBERS, 2, takes_infinity=False)
TEXT = Rows(Takes.TEXT)
UNKNOWN = Rows(Takes.ANYTHING, 2)
EXPECTED = r"the model takes rows of 4 numbers \(sepal length, sepal width, petal length, petal width\)"


def objects(*rows: Any) -> np.ndarray:
    return np.array(rows, dtype=object)


def ragged(*rows: list[float]) -> np.ndarray:
    array = np.empty(len(rows), dtype=object)
    array[:] = rows
    return array


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int64, np.uint8, np.bool_])
def test_right_numbers_pass_untouched(dtype: type) -> None:
    X: np.ndarray = np.ones((3, 4), dtype)
    assert STRICT.check(X) is X


def test_large_numbers_are_not_infinite() -> None:
    X = np.full((1, 4), 1e300)
    assert STRICT.check(X) is X


def test_views_and_transposed_arrays_pass() -> None:
    X = np.ones((4, 8)).T[::2]
    assert STRICT.check(X) is X


def test_python_numbers_become_floats() -> None:
    X = STRICT.check(objects([1, 2.5, True, np.float32(4)]))
    assert X.dtype == np.float64
    assert X.tolist() == [[1.0, 2.5, 1.0, 4.0]]


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.ones((1, 3)), "and row 0 has 3"),
        (np.ones((2, 5)), "and row 0 has 5"),
        (np.ones((1, 0)), "and row 0 has 0"),
        (ragged([1, 2, 3, 4], [1, 2]), "and row 1 has 2"),
        (np.ones(4), r"and one flat list of 4 came; wrap it: \[\[\.\.\.\]\]"),
        (objects(1, "a"), "and one flat list of 2 came"),
        (np.ones((1, 2, 4)), r"and an array of 3 dimensions came, of shape \(1, 2, 4\)"),
        (ragged([1, 2, 3, 4], [5, 6, 7, 8]), "and rows of something else came"),
        (np.array(5.0), "and there are no rows"),
        (np.ones((0, 4)), "and there are no rows"),
        (np.ones(0), "and there are no rows"),
        (objects([1, 2, "x", 4]), r"and row 0, column 2 \(petal length\) is 'x'"),
        (objects([1, 2, 3, 4], [1, None, 3, 4]), r"and row 1, column 1 \(sepal width\) is None"),
        (objects([1, 2, 3, "y" * 90]), "and .*is 'yyyyyyyy.*\\.\\.\\.$"),
        (np.array([["1", "2", "3", "4"]]), r"and row 0, column 0 \(sepal length\) is '1'"),
        (np.ones((1, 4), np.complex128), r"and .*column 0 .* is \(1\+0j\)"),
        (np.zeros((1, 4), "datetime64[s]"), "and .*column 0 .* is datetime"),
        (objects([1, 2, 3, 10**400]), "and an integer came that is too large for a float"),
        (np.array([[1, 2, np.nan, 4]]), r"and .*column 2 \(petal length\) is nan"),
        (np.array([[1, 2, 3, 4], [1, 2, 3, -np.inf]]), r"and row 1, column 3 \(petal width\) is -inf"),
        (objects([1, 2, float("nan"), 4]), "and .*column 2 .* is nan"),
    ],
)
def test_wrong_rows_of_numbers(X: np.ndarray, message: str) -> None:
    with pytest.raises(BadMessage, match=f"^{EXPECTED}, {message}"):
        STRICT.check(X)


@pytest.mark.parametrize(
    ("X", "kind"),
    [
        ("text", r"a text \(strData\)"),
        (b"bytes", r"bytes \(binData\)"),
        ({}, r"an object \(jsonData\)"),
        ([1], "a list"),
    ],
)
def test_what_is_no_array(X: object, kind: str) -> None:
    with pytest.raises(BadMessage, match=rf"in data\.ndarray or data\.tensor, and {kind} came"):
        STRICT.check(X)


def test_none_is_a_missing_value_where_the_model_takes_them() -> None:
    assert np.isnan(MISSING.check(objects([None, 1.0]))[0, 0])


def test_missing_values_do_not_excuse_infinity() -> None:
    assert MISSING.check(np.array([[np.nan, 1.0]])).shape == (1, 2)
    with pytest.raises(BadMessage, match="column 1 is inf"):
        MISSING.check(np.array([[np.nan, np.inf]]))


@pytest.mark.parametrize(
    "X", [objects("a", "b"), objects(["a"], ["b"]), np.array(["a", "b"]), np.array([["a"], ["b"]])]
)
def test_texts_come_in_a_list_or_in_rows(X: np.ndarray) -> None:
    assert TEXT.check(X).tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (objects(["a", "b"]), r"an array of shape \(1, 2\) came"),
        (np.ones(0), r"an array of shape \(0,\) came"),
        (objects("a", 1), "row 1 is 1"),
        (np.ones((2, 1)), r"row 0 is 1\.0"),
    ],
)
def test_wrong_texts(X: np.ndarray, message: str) -> None:
    with pytest.raises(BadMessage, match=f"the model takes rows of one text.*{message}"):
        TEXT.check(X)


def test_only_the_shape_is_checked_when_cells_are_unknown() -> None:
    X = objects(["a", None])
    assert UNKNOWN.check(X) is X
    with pytest.raises(BadMessage, match="rows of 2 values, and row 0 has 3"):
        UNKNOWN.check(objects(["a", None, 1]))


def test_rows_of_unknown_width() -> None:
    assert str(Rows(Takes.ANYTHING)) == "rows of values"


def test_many_columns_are_named_in_part() -> None:
    rows = Rows(Takes.NUMBERS, 7, tuple("abcdefg"))
    assert str(rows) == "rows of 7 numbers (a, b, c, d, e, ...)"
