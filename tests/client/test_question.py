"""What is refused before it is sent, in words."""

import datetime as dt
import decimal
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from infergraph.client import Unsendable
from infergraph.client.question import question_of

REFUSED: list[tuple[Any, str]] = [
    (3.5, r"got float; a single value is a list of one: \[\[value\]\]"),
    (None, "got NoneType"),
    ({1, 2}, "got set"),
    (np.array(["2020-01-01"], dtype="datetime64[D]"), r"datetime64\[D\] cannot be sent exactly .*astype\(str\)"),
    (np.array([1], dtype="timedelta64[s]"), r"astype\('int64'\)"),
    (np.array([1j]), "the real and the imaginary part"),
    (np.array([1], dtype=np.longdouble), r"astype\('float64'\)"),
    (np.zeros(1, dtype=[("a", "f4")]), "one array for each field"),
    (np.ma.array([1, 2], mask=[True, False]), r"array\.filled\(value\)"),
    (np.array([decimal.Decimal("0.1")], dtype=object), "Decimal cannot be sent exactly in an array"),
    ({"a": np.array([1j])}, "array 'a'"),
    ([[1], [1, 2]], "rows of equal length"),
    ([[2**64]], "does not fit into 64 bits"),
    ([[2**53 + 1, 0.5]], "a 64-bit float cannot hold it exactly"),
    ([b"a", "b"], "bytes cannot be sent exactly"),
    ([dt.date(2020, 1, 1)], "JSON has no date"),
    ({"a": decimal.Decimal(1)}, r"JSON has no Decimal - at `\$\.a`"),
    ({"a": b"b"}, "JSON has no bytes"),
    ({1: 2}, "JSON has texts as keys, got 1"),
    ({1: np.zeros(1)}, "names of arrays are texts"),
    (pd.DataFrame({"a": [pd.Timedelta(1)]}), "Column 'a' is of timedelta64"),
    (pd.DataFrame({"a": pd.period_range("2020", periods=1)}), "Column 'a' is of period"),
    (pd.DataFrame({"a": [1j]}), "Column 'a' is of complex128"),
    (pd.DataFrame({"a": [b"x"]}), "Column 'a' holds a value of bytes"),
    (pd.DataFrame([[1, 2]], columns=["a", "a"]), "same name"),
    (pd.DataFrame([[1, 2]], columns=["1", 1]), "same name"),
]


@pytest.mark.parametrize(("data", "message"), REFUSED, ids=lambda value: repr(value)[:30])
def test_what_cannot_be_said_exactly_is_refused(data: Any, message: str) -> None:
    with pytest.raises(Unsendable, match=message):
        question_of(data)


def test_names_are_those_of_the_columns() -> None:
    assert question_of([[1, 2]], ["a", "b"]).payload.names == ["a", "b"]
    with pytest.raises(Unsendable, match="one name for each of 2 columns, got 1"):
        question_of([[1, 2]], ["a"])
    with pytest.raises(Unsendable, match="Only arrays, lists and data frames have names"):
        question_of("text", ["a"])


def test_numpy_inside_lists_and_json() -> None:
    assert question_of([[np.float32(0.5), 1]]).payload.data.dtype == np.float64
    assert question_of({"a": [np.int64(2**60), np.arange(2)]}).payload.data == {"a": [2**60, [0, 1]]}


def test_pandas_is_not_imported_for_others() -> None:
    program = (
        "import sys, infergraph.client as c; from infergraph.client.question import question_of; question_of([[1]]); "
    )
    program += "print('pandas' in sys.modules, 'grpc' in sys.modules, 'aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False False False\n"
