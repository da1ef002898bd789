"""Calls of a freshly loaded model that tell whether it works here, and what numbers it takes."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from infergraph.runtimes.pickled import WARNINGS_LOCK
from infergraph.runtimes.rows import Rows, Takes


@dataclass(frozen=True, slots=True)
class Trial:
    """How one call ended: with an answer or an error, and with the warnings it gave."""

    answer: Any = None
    error: Exception | None = None
    warnings: tuple[str, ...] = ()

    @property
    def is_quiet(self) -> bool:
        """Whether the call passed, and nothing was said about names of columns."""
        return self.error is None and not any("feature names" in text for text in self.warnings)


def try_out(rows: Rows, call: Callable[[Any], Any]) -> Trial | None:
    """Call the model with one row that it should take; None when it is not known what it takes.

    Numbers are zeros, or ones for a model that cannot take zeros, such as one with logarithms inside.
    """
    if rows.takes is Takes.TEXT:
        return attempt(call, np.array(["text"], dtype=object))
    if rows.takes is not Takes.NUMBERS or rows.width is None:
        return None
    zeros = attempt(call, np.zeros((1, rows.width)))
    return attempt(call, np.ones((1, rows.width))) if isinstance(zeros.error, ValueError) else zeros


def attempt(call: Callable[[Any], Any], x: np.ndarray) -> Trial:
    """Call a model once and return how it ended; it never raises."""
    with WARNINGS_LOCK, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            answer = call(x)
        except Exception as error:  # noqa: BLE001 - whatever a broken model raises is the outcome of the trial
            return Trial(error=error)
    return Trial(answer, warnings=tuple(str(entry.message) for entry in caught))


def with_limits(rows: Rows, call: Callable[[Any], Any]) -> Rows:
    """Return ``rows`` with what the model does with missing values, infinite ones, and words.

    Tags do not tell: a scaler takes NaN and passes it on to a classifier that does not, a dummy takes all there is.
    """
    if rows.takes is not Takes.NUMBERS or rows.width is None:
        return rows
    shape = (1, rows.width)
    if attempt(call, np.full(shape, "word", dtype=object)).error is None:
        return replace(rows, takes=Takes.ANYTHING)
    return replace(
        rows,
        takes_nan=attempt(call, np.full(shape, np.nan)).error is None,
        takes_infinity=attempt(call, np.full(shape, np.inf)).error is None,
    )
