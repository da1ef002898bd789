from typing import Any

import numpy as np
import pytest

from infergraph.errors import BadMessage
from infergraph.runtimes.tensor import ANY, TEXTS, Tensor

F4 = Tensor("x", np.dtype("f4"), (ANY, 2))
I4 = Tensor("x", np.dtype("i4"), (ANY, 2))
TEXT = Tensor("x", TEXTS, (ANY,))


def test_what_is_right_already_is_not_copied() -> None:
    rows = np.ones((1, 2), np.float32)
    assert F4.check(rows) is rows


@pytest.mark.parametrize(
    ("tensor", "given", "expected"),
    [
        (F4, np.ones((1, 2)), np.ones((1, 2), "f4")),
        (F4, np.ones((1, 2), "i8"), np.ones((1, 2), "f4")),
        (F4, [[1, 2.5]], np.array([[1, 2.5]], "f4")),
        (F4, np.array([[1, 2.5]], dtype=object), np.array([[1, 2.5]], "f4")),
        (F4, [[float("inf"), float("nan")]], np.array([[np.inf, np.nan]], "f4")),
        (I4, np.array([[1.0, 2.0]]), np.array([[1, 2]], "i4")),
        (I4, [[True, False]], np.array([[1, 0]], "i4")),
        (TEXT, "a", np.array(["a"], dtype=object)),
        (TEXT, [b"a", "ü".encode()], np.array(["a", "ü"], dtype=object)),
        (TEXT, np.array(["a", b"b"], dtype=object), np.array(["a", "b"], dtype=object)),
        (Tensor("x"), [[1], [2]], np.array([[1], [2]])),
        (Tensor("x"), "a", np.array(["a"], dtype=object)),
    ],
)
def test_what_can_be_converted(tensor: Tensor, given: Any, expected: np.ndarray) -> None:
    got = tensor.check(given)
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize(
    ("tensor", "given", "message"),
    [
        (F4, [[1, 2, 3]], r"input `x` takes FP32 of the shape \[-1, 2\], and the shape \[1, 3\] came"),
        (F4, [1, 2], r"and the shape \[2\] came"),
        (F4, [[1], [2, 3]], "and lists of unequal length came"),
        (F4, [["a", "b"]], "and 'a' came"),
        (F4, [[1, None]], "and None came"),
        (F4, [[1, 1e300]], "and numbers came that it cannot hold"),
        (F4, np.array([["a", "b"]]), "and texts came"),
        (F4, np.array([[1j, 2]]), "and an array of complex128 came"),
        (F4, [[1, 10**400]], "and numbers came that it cannot hold"),
        (I4, [[1, 2.5]], r"takes INT32 of the shape \[-1, 2\], and 2\.5 came"),
        (I4, [[1, 2**40]], "and 1099511627776 came"),
        (I4, [[1, float("nan")]], "and numbers came that it cannot hold"),
        (TEXT, [1], "takes BYTES of the shape .*, texts, and 1 came"),
        (TEXT, np.array([b"\xff"], dtype=object), r"and b'\\xff' came"),
        (Tensor("x", shape=(2,)), [1], r"input `x` takes the shape \[2\], and the shape \[1\] came"),
    ],
)
def test_what_cannot(tensor: Tensor, given: Any, message: str) -> None:
    with pytest.raises(BadMessage, match=message):
        tensor.check(given)


def test_described() -> None:
    assert F4.described() == {"name": "x", "datatype": "FP32", "shape": [-1, 2]}
    assert TEXT.described() == {"name": "x", "datatype": "BYTES", "shape": [-1]}
    assert Tensor("x").described()["shape"] == [-1]
