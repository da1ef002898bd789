"""Which datatype an output has."""

from typing import Any

import numpy as np
import pytest

from infergraph.errors import BadAnswer
from infergraph.payloads.datatypes import DTYPES, bfloat16_bits, from_bfloat16_bits, typed


@pytest.mark.parametrize("datatype", sorted(set(DTYPES) - {"BF16"}))
def test_each_type_of_numpy_has_its_datatype(datatype: str) -> None:
    array = np.array(["a"], dtype=object) if datatype == "BYTES" else np.zeros((1, 2), DTYPES[datatype])
    found, held = typed(array, "x")
    assert found == datatype
    assert held is array or np.shares_memory(held, array)


@pytest.mark.parametrize(
    ("array", "datatype", "values"),
    [
        (np.array([1, 2], dtype=">i4"), "INT32", [1, 2]),
        (np.arange(6).reshape(2, 3)[:, ::2], "INT64", [[0, 2], [3, 5]]),
        (np.array([1.5], dtype=np.longdouble), "FP64", [1.5]),
        (np.array(["a", "bc"]), "BYTES", ["a", "bc"]),
        (np.array([b"a"]), "BYTES", [b"a"]),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "BYTES", ["2020-01-01"]),
        (np.array([1, 2], dtype=object), "INT64", [1, 2]),
        (np.array([1, 2.5], dtype=object), "FP64", [1.0, 2.5]),
        (np.array([True], dtype=object), "BOOL", [True]),
        (np.array([], dtype=object), "BYTES", []),
    ],
)
def test_what_is_held_otherwise_is_made_so(array: Any, datatype: str, values: Any) -> None:
    found, held = typed(array, "x")
    assert (found, held.tolist(), held.flags.c_contiguous) == (datatype, values, True)


@pytest.mark.parametrize("values", [[1, "a"], [None], [1, True], [{}], [2**70], [2**63, -1], [1j]])
def test_what_no_datatype_holds(values: list[Any]) -> None:
    with pytest.raises(BadAnswer, match="utput `x`"):
        typed(np.array(values, dtype=object), "x")
    with pytest.raises(BadAnswer, match="complex128"):
        typed(np.array([1j]), "x")


def test_bfloat16_keeps_nan_and_infinity() -> None:
    array = np.array([np.nan, np.inf, -np.inf, -0.0], dtype=np.float32)
    assert np.array_equal(from_bfloat16_bits(bfloat16_bits(array)), array, equal_nan=True)
