"""The implementations that need no code of the user's (SELDON_V1 §1.5, §3.2, §13 item 24)."""

import random
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from infergraph.errors import BadAnswer
from infergraph.payloads.payload import Array


class SimpleModel:
    """SIMPLE_MODEL: three classes, always the same answer. For trying a graph out."""

    def predict(self, X: Any) -> Array:  # noqa: ARG002, N803
        return np.array([[0.1, 0.9, 0.5]])

    def class_names(self) -> list[str]:
        return ["class0", "class1", "class2"]


class SimpleRouter:
    """SIMPLE_ROUTER: always the first child."""

    def route(self, X: Any) -> int:  # noqa: ARG002, N803
        return 0


class RandomAbTest:
    """RANDOM_ABTEST: the first child with probability ``ratioA``, the second otherwise."""

    def __init__(self, ratioA: float = 0.5, **_: Any) -> None:  # noqa: N803 - the manifest's own name
        self._ratio_a = float(ratioA)

    def route(self, X: Any) -> int:  # noqa: ARG002, N803
        return 0 if random.random() < self._ratio_a else 1  # noqa: S311 - not for secrets


class AverageCombiner:
    """AVERAGE_COMBINER: the mean of equally shaped arrays, element by element, under the first child's names."""

    def aggregate(self, features_list: Sequence[Any], names_list: Sequence[list[str]]) -> "Table":
        shapes = [np.shape(features) for features in features_list]
        if len(set(shapes)) != 1:
            raise BadAnswer(f"AVERAGE_COMBINER needs answers of one shape, got {shapes}")
        try:
            return Table(np.mean(np.asarray(features_list, dtype=np.float64), axis=0), names_list[0])
        except (TypeError, ValueError) as error:
            raise BadAnswer(f"AVERAGE_COMBINER needs numbers from every child: {error}") from error


class Table(msgspec.Struct, frozen=True):
    """An array that knows the names of its columns, as a data frame does."""

    array: Array
    columns: list[str]

    def to_numpy(self) -> Array:
        return self.array


BUILTIN: dict[str, type] = {
    "SIMPLE_MODEL": SimpleModel,
    "SIMPLE_ROUTER": SimpleRouter,
    "RANDOM_ABTEST": RandomAbTest,
    "AVERAGE_COMBINER": AverageCombiner,
}
