"""A contract that example rows keep, as a beginning."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from infergraph.contract.contract import BadContract, Contract
from infergraph.contract.feature import Feature, Kind

MOST_VALUES = 100


def contract_of(names: Sequence[str], rows: Any, targets: Sequence[str]) -> Contract:
    """Numbers as ranges, texts as lists of values; the columns called ``targets`` are the answer.

    :raises BadContract: when there is no such column, or one has too many texts to list.
    """
    if unknown := [target for target in targets if target not in names]:
        raise BadContract(f"there is no column {unknown[0]!r}; the columns are {', '.join(names)}")
    columns = np.asarray(rows, dtype=object).T.tolist()
    features = [_feature(name, values) for name, values in zip(names, columns, strict=True)]
    return Contract(
        [feature for feature in features if feature.name not in targets],
        [feature for feature in features if feature.name in targets],
    )


def _feature(name: str, values: list[Any]) -> Feature:
    if not any(isinstance(value, str) for value in values):
        given = [value for value in values if value == value]  # noqa: PLR0124 - an empty cell is NaN
        kind = "INT" if all(isinstance(value, int) for value in values) else "FLOAT"
        if not given:
            return Feature(name, Kind.CONTINUOUS, kind)
        return Feature(name, Kind.CONTINUOUS, kind, (min(given), max(given)))
    texts = sorted(set(map(str, values)))
    if len(texts) > MOST_VALUES:
        raise BadContract(
            f"column {name!r} has {len(texts)} different texts, and a contract lists at most {MOST_VALUES}"
        )
    return Feature(name, Kind.CATEGORICAL, "STRING", values=list(texts))
