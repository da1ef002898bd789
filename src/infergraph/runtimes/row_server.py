"""What the servers of all models share that take rows: what is checked before the model is called."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from infergraph.runtimes.columns import Columns
from infergraph.runtimes.rows import Rows, Takes


class RowServer(ABC):
    """A model of rows, loaded from ``model_uri``, which is a path on this machine."""

    rows_are_independent = True
    """Each row is answered by itself, so rows of several requests may be put together in one call."""

    def __init__(self, model_uri: str) -> None:
        self.model_uri = model_uri
        self._rows = Rows(Takes.ANYTHING)
        self._columns = Columns()
        self._metadata: dict[str, Any] = {}

    def predict(self, X: np.ndarray, names: Sequence[str] | None = None) -> np.ndarray:  # noqa: N803 - v1's name
        """Return the model's answer to ``X``, of shape (rows, columns), or (rows,) for texts.

        The answer has one row a row: (rows, classes) for probabilities, (rows,) for most others.

        :raises BadMessage: when ``X`` is not what the model takes. What else the model raises goes to the caller.
        """
        return self.predict_prepared(self.prepare(X, names))

    def prepare(self, X: np.ndarray, names: Sequence[str] | None = None) -> np.ndarray:  # noqa: N803
        """Return the rows of one request, checked and with their columns in the model's order.

        :raises BadMessage: when ``X`` is not what the model takes.
        """
        return self._columns.in_order(self._rows.check(X), names)

    @abstractmethod
    def predict_prepared(self, rows: np.ndarray) -> np.ndarray:
        """Return the model's answer to prepared rows, of one request or of several.

        :raises BadMessage: when the model cannot read a value of these rows.
        """

    def init_metadata(self) -> dict[str, Any]:
        """Return what is known of inputs and outputs (SELDON_V1 §4.3), overridden by ``metadata.yaml``."""
        return self._metadata
