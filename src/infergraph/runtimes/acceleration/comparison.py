"""How far two answers are apart, and how long a call takes."""

from time import perf_counter
from typing import Any

import numpy as np

from infergraph.runtimes.acceleration.candidate import Call

TOLERANCE = 1e-5
"""The greatest difference, beside the larger of 1 and the number itself."""
_ROUND_S = 0.002


def difference(expected: np.ndarray, answer: Any) -> float:
    """The greatest difference of two numbers in the same place, as `TOLERANCE` counts; infinite when they are no match.

    Anything but numbers has to be equal.
    """
    if not isinstance(answer, np.ndarray) or answer.shape != expected.shape:
        return np.inf
    if expected.dtype.kind != "f" or answer.dtype.kind != "f":
        return 0.0 if answer.dtype == expected.dtype and np.array_equal(answer, expected) else np.inf
    both = np.isnan(expected) & np.isnan(answer)
    with np.errstate(invalid="ignore"):
        apart = np.abs(answer - expected) / np.maximum(1, np.abs(expected))
    apart[both | (expected == answer)] = 0.0
    return float(np.nan_to_num(apart.max(initial=0.0), nan=np.inf))


def microseconds(call: Call, x: np.ndarray, rounds: int = 5) -> float:
    """How long one call takes: the least of some rounds, because whatever else runs only ever makes it longer."""
    begun = perf_counter()
    call(x)
    calls = max(1, int(_ROUND_S / (perf_counter() - begun + 1e-9)))
    return min(_round(call, x, calls) for _ in range(rounds))


def _round(call: Call, x: np.ndarray, calls: int) -> float:
    begun = perf_counter()
    for _ in range(calls):
        call(x)
    return (perf_counter() - begun) / calls * 1e6
