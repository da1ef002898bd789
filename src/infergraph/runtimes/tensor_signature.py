"""The named tensors that a model takes and gives, and how a request becomes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from infergraph.errors import BadMessage
from infergraph.runtimes.tensor import ANY, Tensor

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class TensorSignature:
    """What a model takes and gives. Without inputs it is not known what it takes."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...] = ()

    def bound(self, given: Any, names: Sequence[str] | None) -> dict[str, np.ndarray]:
        """Return the model's inputs by name.

        ``given`` is one array for a model of one input; arrays or lists by name; or, where each input is a column, one
        table of shape (rows, columns), in the order of ``names`` when these are the inputs', else in that of the model.

        :raises BadMessage: when it is not what the model takes.
        """
        if isinstance(given, Mapping):
            return self._by_name(given)
        if len(self.inputs) == 1:
            return {self.inputs[0].name: self.inputs[0].check(_array_like(given, self))}
        if isinstance(given, np.ndarray) and given.ndim == 2 and self._has_columns(given.shape[1]):
            return self._by_name(self._columns(given, names))
        raise BadMessage(
            f"the model takes {self._listed()} by name, as several tensors or as a JSON object (jsonData)"
            + (f", and one array of shape {list(given.shape)} came" if isinstance(given, np.ndarray) else "")
        )

    def _by_name(self, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
        if given.keys() != {one.name for one in self.inputs}:
            came = ", ".join(map(str, list(given)[:_MOST_NAMED])) or "nothing"
            raise BadMessage(f"the model takes {self._listed()} by name, and {came:.200} came")
        return {one.name: one.check(given[one.name]) for one in self.inputs}

    def _has_columns(self, count: int) -> bool:
        return len(self.inputs) == count and all(one.shape in ((ANY, 1), (ANY,)) for one in self.inputs)

    def _columns(self, table: np.ndarray, names: Sequence[str] | None) -> dict[str, np.ndarray]:
        own = [one.name for one in self.inputs]
        order = list(names) if names and sorted(names) == sorted(own) else own
        columns = {name: table[:, index] for index, name in enumerate(order)}
        return {one.name: columns[one.name].reshape((-1, 1)[: len(one.shape or ())]) for one in self.inputs}

    def _listed(self) -> str:
        more = ", ..." if len(self.inputs) > _MOST_NAMED else ""
        return ", ".join(f"`{one.name}`" for one in self.inputs[:_MOST_NAMED]) + more


def _array_like(given: Any, signature: TensorSignature) -> Any:
    if isinstance(given, np.ndarray | list | str):
        return given
    kinds: dict[type, str] = {bytes: "bytes (binData)"}
    kind = next((name for kind, name in kinds.items() if isinstance(given, kind)), f"a {type(given).__name__}")
    raise BadMessage(f"{signature.inputs[0]}, and {kind} came")
