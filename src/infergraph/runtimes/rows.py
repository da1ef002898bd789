"""What rows a model takes, and the check that an input is such rows before the model sees it."""

import math
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from infergraph.errors import BadMessage

_MOST_COLUMNS_NAMED = 5
_NUMBERS = (int, float, np.integer, np.floating, np.bool_)


class Takes(Enum):
    """What the cells of a row may be."""

    NUMBERS = "numbers"
    TEXT = "text"  # one text a row, for a text vectoriser
    ANYTHING = "anything"  # not known from outside: the model itself decides


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that a model takes.

    ``width`` is the number of columns, None when unknown. ``columns`` are their names, empty when unknown.
    ``takes_nan`` and ``takes_infinity`` say whether such numbers may stand in a row of numbers.
    """

    takes: Takes
    width: int | None = None
    columns: tuple[str, ...] = ()
    takes_nan: bool = True
    takes_infinity: bool = True

    def check(self, x: object) -> np.ndarray:
        """Return ``x`` as the model takes it: the same array when it is right, converted when nothing is lost.

        ``x`` has the shape (rows, width), or (rows,) or (rows, 1) for texts, which come back as (rows,).

        :raises BadMessage: when it cannot be that, in a sentence that names what was expected and what came.
        """
        if not isinstance(x, np.ndarray):
            raise BadMessage(f"the model takes {self}, in data.ndarray or data.tensor, and {_kind_of(x)} came")
        if self.takes is Takes.NUMBERS and x.ndim == 2 and x.shape[1] == self.width and x.shape[0]:
            return self._numbers(x)
        if self.takes is Takes.TEXT:
            return self._texts(x)
        self._check_shape(x)
        return x if self.takes is Takes.ANYTHING else self._numbers(x)

    def __str__(self) -> str:
        if self.takes is Takes.TEXT:
            return "rows of one text"
        cells = "numbers" if self.takes is Takes.NUMBERS else "values"
        if self.width is None:
            return f"rows of {cells}"
        named = self.columns[:_MOST_COLUMNS_NAMED]
        more = ", ..." if len(self.columns) > len(named) else ""
        return f"rows of {self.width} {cells}" + (f" ({', '.join(named)}{more})" if named else "")

    def _numbers(self, x: np.ndarray) -> np.ndarray:
        kind = x.dtype.kind
        if kind == "f":
            # The square of each value in one call: finite in nearly every request, and then nothing else is looked at.
            if not (self.takes_nan and self.takes_infinity) and not math.isfinite(np.vdot(x, x)):
                self._check_finite(x)
            return x
        if kind in "iub":
            return x
        return self._numbers(self._converted(x))

    def _check_finite(self, x: np.ndarray) -> None:
        wrong = np.isnan(x) if not self.takes_nan else np.zeros(x.shape, bool)
        if not self.takes_infinity:
            wrong |= np.isinf(x)
        if wrong.any():
            raise self._wrong_cell(x, np.argwhere(wrong)[0])

    def _converted(self, x: np.ndarray) -> np.ndarray:
        """Turn Python numbers into floats, and None into NaN where that is taken for a missing value."""
        for index, value in np.ndenumerate(x):
            if not isinstance(value, _NUMBERS) and not (value is None and self.takes_nan):
                raise self._wrong_cell(x, index)
        try:
            return x.astype(np.float64)
        except OverflowError:
            raise BadMessage(f"the model takes {self}, and an integer came that is too large for a float") from None

    def _texts(self, x: np.ndarray) -> np.ndarray:
        if x.ndim == 2 and x.shape[1] == 1:
            x = x[:, 0]
        if x.ndim != 1 or not x.size:
            raise BadMessage(f'the model takes {self}, such as [["a text"]], and an array of shape {x.shape} came')
        for index, value in np.ndenumerate(x):
            if not isinstance(value, str):
                raise self._wrong_cell(x, index)
        return x

    def _check_shape(self, x: np.ndarray) -> None:
        if x.ndim == 0 or not len(x):
            raise BadMessage(f"the model takes {self}, and there are no rows")
        if x.ndim == 1 and self.width is not None:
            raise self._no_rows_of_one_length(x)
        if x.ndim > 2:
            raise BadMessage(f"the model takes {self}, and an array of {x.ndim} dimensions came, of shape {x.shape}")
        if self.width is not None and x.shape[1] != self.width:
            raise BadMessage(f"the model takes {self}, and row 0 has {x.shape[1]}")

    def _no_rows_of_one_length(self, x: np.ndarray) -> BadMessage:
        """Tell a flat list from rows of unequal length, which NumPy keeps as an array of lists."""
        for row, value in enumerate(x):
            if not isinstance(value, list | tuple | np.ndarray):
                return BadMessage(f"the model takes {self}, and one flat list of {len(x)} came; wrap it: [[...]]")
            if len(value) != self.width:
                return BadMessage(f"the model takes {self}, and row {row} has {len(value)}")
        return BadMessage(f"the model takes {self}, and rows of something else came")

    def _wrong_cell(self, x: np.ndarray, index: Any) -> BadMessage:
        row, *column = (int(i) for i in index)
        where = f"row {row}" + "".join(f", column {self._column(i)}" for i in column)
        return BadMessage(f"the model takes {self}, and {where} is {_shown(x[tuple(index)])}")

    def _column(self, index: int) -> str:
        return f"{index} ({self.columns[index]})" if self.columns else str(index)


def _shown(value: object) -> str:
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _kind_of(x: object) -> str:
    names: dict[type, str] = {str: "a text (strData)", bytes: "bytes (binData)", dict: "an object (jsonData)"}
    return next((name for kind, name in names.items() if isinstance(x, kind)), f"a {type(x).__name__}")
