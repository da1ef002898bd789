from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from infergraph.runtimes.row_probe import answers_rows_apart
from infergraph.runtimes.tensor import ANY, TEXTS, Tensor
from infergraph.runtimes.tensor_signature import TensorSignature

FLOATS = Tensor("x", np.dtype("f4"), (ANY, 3))
MATRIX = np.arange(12, dtype=np.float32).reshape(3, 4)


def asked(function: Callable[[np.ndarray], Any], *inputs: Tensor) -> bool:
    signature = TensorSignature(inputs or (FLOATS,))
    return answers_rows_apart(signature, lambda given: {"y": function(given["x"])})


@pytest.mark.parametrize(
    "function",
    [lambda x: x @ MATRIX, lambda x: x.argmax(axis=1), lambda x: np.tanh(x).sum(axis=1), lambda x: x - x],
)
def test_rows_that_are_independent(function: Callable[[np.ndarray], Any]) -> None:
    assert asked(function)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x - x.mean(axis=0),
        lambda x: x / np.abs(x).max(),
        lambda x: np.cumsum(x, axis=0),
        lambda x: x[::-1],
        lambda x: x.sum(axis=0),
        lambda x: np.float32(1),
        lambda x: x.T,
        lambda x: np.concatenate([x, x]),
        lambda x: 1 / 0,
    ],
)
def test_rows_that_are_not(function: Callable[[np.ndarray], Any]) -> None:
    assert not asked(function)


def test_whole_numbers_are_small_ones() -> None:
    vectors = np.array([[1.0, 2.0], [3.0, 4.0]])  # an embedding of two words
    assert asked(lambda x: vectors[x].sum(axis=1), Tensor("x", np.dtype("i8"), (ANY, 5)))


@pytest.mark.parametrize(
    "inputs",
    [
        (FLOATS, Tensor("z", np.dtype("f4"), (ANY, 3))),
        (Tensor("x", TEXTS, (ANY,)),),
        (Tensor("x", np.dtype("f4"), (ANY, ANY)),),
        (Tensor("x", np.dtype("f4"), (1, 3)),),
        (Tensor("x", np.dtype("f4"), ()),),
        (Tensor("x", np.dtype("f4")),),
        (Tensor("x"),),
    ],
)
def test_what_cannot_be_tried(inputs: tuple[Tensor, ...]) -> None:
    assert not asked(lambda x: x, *inputs)
