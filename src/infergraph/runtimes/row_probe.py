"""Whether the rows of a model are independent, found out by asking it."""

from collections.abc import Callable, Mapping

import numpy as np

from infergraph.runtimes.tensor import ANY, Tensor
from infergraph.runtimes.tensor_signature import TensorSignature

_ROWS = 4
_RELATIVE, _ABSOLUTE = 1e-3, 1e-5  # a model may add up in another order where it has more rows

Call = Callable[[Mapping[str, np.ndarray]], Mapping[str, np.ndarray]]


def answers_rows_apart(signature: TensorSignature, call: Call) -> bool:
    """Tell whether the model answers each of a few generated rows as it does with others beside it.

    False when that is not so, or cannot be tried: more inputs than one, texts, a dimension whose size is not known.
    """
    if len(signature.inputs) != 1 or not _can_try(signature.inputs[0]):
        return False
    one = signature.inputs[0]
    rows = _generated(one)
    try:
        together = call({one.name: rows})
        alone = [call({one.name: rows[index : index + 1]}) for index in range(_ROWS)]
    except Exception:  # noqa: BLE001 - it does not take these rows, so nothing is known
        return False
    return all(_is_same(array, [row[name] for row in alone]) for name, array in together.items())


def _can_try(one: Tensor) -> bool:
    if one.dtype is None or one.dtype.kind not in "fiu" or not one.shape:
        return False
    return one.shape[0] == ANY and ANY not in one.shape[1:]


def _generated(one: Tensor) -> np.ndarray:
    random = np.random.default_rng(0)
    shape = (_ROWS, *(one.shape or ())[1:])
    if one.dtype is None or one.dtype.kind == "f":
        return random.normal(scale=np.arange(1, _ROWS + 1).reshape(-1, *[1] * (len(shape) - 1)), size=shape).astype(
            one.dtype
        )
    return random.integers(0, 2, size=shape).astype(one.dtype)  # numbers of words, which an embedding surely has


def _is_same(together: np.ndarray, alone: list[np.ndarray]) -> bool:
    if together.ndim == 0 or len(together) != _ROWS or any(len(np.atleast_1d(row)) != 1 for row in alone):
        return False
    apart = np.concatenate(alone)
    if together.dtype.kind in "fc":
        return bool(np.allclose(together, apart, rtol=_RELATIVE, atol=_ABSOLUTE, equal_nan=True))
    return bool(np.array_equal(together, apart))
