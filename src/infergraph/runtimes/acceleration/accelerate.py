"""The decision: which call answers for a model."""

import importlib.util
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from textwrap import shorten
from typing import Any

import numpy as np
import structlog

from infergraph.errors import LoadError
from infergraph.runtimes.acceleration import onnx, trees
from infergraph.runtimes.acceleration.candidate import Call, Candidate
from infergraph.runtimes.acceleration.comparison import TOLERANCE, difference, microseconds
from infergraph.runtimes.acceleration.probes import FINITE, OTHERS, probes
from infergraph.runtimes.pickled import WARNINGS_LOCK
from infergraph.runtimes.rows import Rows, Takes

logger = structlog.get_logger("infergraph.runtimes")

HOW = "pip install 'infergraph[accelerate]' brings what it needs"
SLOW_US = 1000.0
"""A row that takes longer than this is worth a line about what would help."""
LEAST_GAIN = 1.2
_MANY = 64
_PACKAGES = ("treelite", "skl2onnx", "onnxruntime")
_BOOSTERS = ("xgboost", "lightgbm")
_ENSEMBLES = ("sklearn.ensemble", "xgboost.", "lightgbm.")


@dataclass(frozen=True, slots=True)
class Original:
    """A loaded model as its own library calls it: ``call`` is its ``method``, which takes ``rows``."""

    model: Any
    method: str
    call: Call
    rows: Rows

    @property
    def library(self) -> str:
        return type(self.model).__module__.partition(".")[0]

    @property
    def name(self) -> str:
        name = type(self.model).__name__
        return f"{self.library} {name}" if name == "Booster" else name  # two libraries call theirs that


def checked(wanted: str | None) -> bool:
    """Whether the parameter ``accelerate`` asks for it. :raises LoadError: when it is neither auto nor off."""
    if wanted not in (None, "off", "auto"):
        raise LoadError(f"the parameter accelerate is {wanted!r}, and auto or off was expected")
    return wanted == "auto"


def accelerated(original: Original) -> Call:
    """The fastest call that answers as the original does on generated rows, often the original itself. Says which."""
    if not all(importlib.util.find_spec(package) for package in _PACKAGES):
        logger.warning("not_accelerated", model=original.name, reason=HOW)
        return original.call
    if original.rows.takes is not Takes.NUMBERS or original.rows.width is None:
        logger.warning("not_accelerated", model=original.name, reason="it does not take rows of numbers alone")
        return original.call
    with WARNINGS_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _chosen(original, original.rows.width)


def advise(original: Original) -> None:
    """One line, where acceleration is off and would help much: for tree ensembles that take long for a row."""
    if original.rows.takes is not Takes.NUMBERS or not type(original.model).__module__.startswith(_ENSEMBLES):
        return
    row = np.zeros((1, original.rows.width or 0))
    with WARNINGS_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            taken_us = microseconds(original.call, row, rounds=1)
        except Exception:  # noqa: BLE001 - what the model does not take is no reason for advice
            return
    if taken_us >= SLOW_US:
        logger.info("slow_model", model=original.name, us_per_row=round(taken_us), how=f"accelerate: auto; {HOW}")


def _chosen(original: Original, width: int) -> Call:
    known = _imported(original.model)
    x = probes(original.rows, width, {} if known is None else trees.thresholds(known))
    expected = np.asarray(original.call(x))
    tried = [(each, _apart(each, x, expected)) for each in _candidates(original, known, width, expected)]
    fits = [(each, apart) for each, apart in tried if apart <= TOLERANCE]
    if not fits:
        logger.warning("not_accelerated", model=original.name, reason="no conversion answers as the model itself does")
        return original.call
    row = x[:1]
    timed = [(microseconds(each.call, row), each, apart) for each, apart in fits]
    after_us, best, apart = min(timed, key=itemgetter(0))
    before_us = microseconds(original.call, row)
    if before_us < LEAST_GAIN * after_us:
        logger.info("not_accelerated", model=original.name, reason="no conversion is faster")
        return original.call
    figures = {"before_us": round(before_us, 1), "after_us": round(after_us, 1), "difference": float(f"{apart:.0e}")}
    most = _most_rows(original.call, best.call, x)
    upto = {} if most is None else {"most_rows": most}
    logger.info("accelerated", model=original.name, by=best.by, **figures, **upto)
    return best.call if most is None else _for_few(best.call, original.call, most)


def _most_rows(slow: Call, fast: Call, x: np.ndarray) -> int | None:
    """How many rows together ``fast`` answers no slower, None for any: some are better at many rows than at one."""
    for rows in (_MANY, _MANY // 4):
        if microseconds(fast, x[:rows]) <= microseconds(slow, x[:rows]):
            return None if rows == _MANY else rows
    return 1


def _for_few(fast: Call, otherwise: Call, most: int) -> Call:
    return lambda x: fast(x) if len(x) <= most else otherwise(x)


def _imported(model: Any) -> Any:
    """The model's trees; None when it is not one that treelite knows."""
    try:
        return trees.imported(model)
    except Exception:  # noqa: BLE001 - each library refuses in its own way what it does not know
        return None


def _candidates(original: Original, known: Any, width: int, expected: np.ndarray) -> Iterator[Candidate]:
    """In single precision only where the probes lie on what the model compares with."""
    if known is not None:
        yield from trees.candidates(original.model, known, original.method)
    if original.library in _BOOSTERS:  # skl2onnx does not know them
        return
    dtype = np.float64 if known is None else np.float32
    try:
        yield _guarded(onnx.candidate(original.model, original.method, width, dtype, expected), original)
    except Exception as error:  # noqa: BLE001 - each library refuses in its own way what it does not know
        logger.debug("not_converted", model=original.name, error=shorten(str(error), 200))


def _guarded(candidate: Candidate, original: Original) -> Candidate:
    """Leaves calls with values that are not finite to the original; ONNX has rules of its own for them."""
    if not (original.rows.takes_nan or original.rows.takes_infinity):
        return candidate
    call, otherwise = candidate.call, original.call

    def guarded(x: np.ndarray) -> Any:
        # The square of each value in one call; a finite one too large for that only goes the slower way.
        return call(x) if math.isfinite(np.vdot(x, x)) else otherwise(x)

    return Candidate(candidate.by, guarded)


def _apart(candidate: Candidate, x: np.ndarray, expected: np.ndarray) -> float:
    """The greatest difference, of finite rows and of others: whole calls of either go different ways."""
    try:
        return max(difference(expected[part], candidate.call(x[part])) for part in (FINITE, OTHERS))
    except Exception:  # noqa: BLE001 - a candidate that fails is none
        return np.inf
