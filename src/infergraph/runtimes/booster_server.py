"""What the servers of boosters share: trees that may be called faster than their own library does."""

from collections.abc import Callable

import numpy as np

from infergraph.runtimes.acceleration.accelerate import Original, accelerated, advise, checked
from infergraph.runtimes.table_server import TableModel, TableServer


class BoosterServer(TableServer):
    """A table's model whose ``model`` is a ``Booster`` of XGBoost or LightGBM.

    With ``accelerate`` as ``auto``, converted trees answer where they are faster and say the same.
    """

    def __init__(self, model_uri: str, accelerate: str | None = None) -> None:
        super().__init__(model_uri)
        self._is_accelerated = checked(accelerate)

    def fastest(self, model: TableModel) -> Callable[[np.ndarray], np.ndarray]:
        """Return the booster's own call, or that of its trees converted."""
        original = Original(model.model, "predict", model.call, self._rows)
        if self._is_accelerated:
            return accelerated(original)
        advise(original)
        return model.call
