"""The named columns of an MLflow signature, and the DataFrame that they make."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from infergraph.errors import BadMessage
from infergraph.runtimes.columns import Columns
from infergraph.runtimes.rows import Rows, Takes
from infergraph.runtimes.tensor import ANY, TEXTS, Tensor

_DTYPES = {"double": "f8", "float": "f4", "long": "i8", "integer": "i4", "boolean": "?", "string": "O"}


@dataclass(frozen=True, slots=True)
class MlflowColumn:
    """One column: MLflow's name of its type, and whether it must have a value."""

    name: str
    type: str
    is_required: bool = True

    @property
    def tensor(self) -> Tensor:
        """The column as a tensor of shape (rows,); of a type that numpy does not have, its values as they are."""
        code = _DTYPES.get(self.type)
        return Tensor(self.name, TEXTS if code == "O" else None if code is None else np.dtype(code), (ANY,))

    def check(self, values: np.ndarray) -> Any:
        """Return the values as the column has them; a missing one stays missing where it may.

        :raises BadMessage: when they are of another type.
        """
        if values.dtype == object and any(value is None for value in values.tolist()):
            if self.is_required and self.type not in ("double", "float"):
                raise BadMessage(f"{self.tensor}, and None came")
            if self.type not in ("double", "float"):
                return values
            values = np.array([np.nan if value is None else value for value in values.tolist()], dtype=object)
        return self.tensor.check(values)


@dataclass(frozen=True, slots=True)
class MlflowColumns:
    """The columns of a signature, in its order."""

    columns: tuple[MlflowColumn, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(column.name for column in self.columns)

    @property
    def rows(self) -> Rows:
        """The rows that they are."""
        return Rows(Takes.ANYTHING, width=len(self.columns), columns=self.names)

    def prepared(self, x: object, names: Sequence[str] | None) -> Any:
        """Return ``x``, of shape (rows, columns), with its columns in the signature's order.

        It stays an array where every column is one of doubles, so that requests can share a call; else it becomes a
        DataFrame with a type for each column.

        :raises BadMessage: when it is not what the signature says.
        """
        ordered = Columns(self.names).in_order(self.rows.check(x), names)
        if ordered.dtype.kind in "fiu" and all(column.type == "double" for column in self.columns):
            return ordered.astype(np.float64, copy=False)
        import pandas as pd

        return pd.DataFrame({one.name: one.check(ordered[:, index]) for index, one in enumerate(self.columns)})

    def framed(self, rows: Any) -> Any:
        """Return prepared rows as a DataFrame."""
        import pandas as pd

        return rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows, columns=list(self.names))
