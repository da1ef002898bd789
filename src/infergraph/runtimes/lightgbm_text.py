"""What LightGBM's text file says of itself: whether it is whole, and which columns are categories.

LightGBM ends the whole process when it reads a file that is cut short, so this is looked at before.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_SIZES = re.compile(rb"^tree_sizes=([\d ]*)\r?$", re.MULTILINE)
_FIRST_TREE = re.compile(rb"^Tree=0\r?\n", re.MULTILINE)
_CATEGORICAL = re.compile(rb"^\[categorical_feature: ([\d,]*)\]", re.MULTILINE)
_PANDAS = b"\npandas_categorical:"


@dataclass(frozen=True, slots=True)
class Categories:
    """The categories of columns that were trained as pandas' categories: by column, from each to its number."""

    numbers: Mapping[int, Mapping[Any, int]] = field(default_factory=dict)

    def encoded(self, x: np.ndarray) -> np.ndarray:
        """Return ``x``, of shape (rows, columns), with numbers for categories; one that is not known is missing."""
        if not self.numbers:
            return x
        encoded = x.astype(object)
        for column, numbers in self.numbers.items():
            encoded[:, column] = [numbers.get(value, np.nan) for value in x[:, column].tolist()]
        return encoded


def problem_of(content: bytes) -> str | None:
    """Say what is missing in a model's text; None when it is whole."""
    sizes, first = _SIZES.search(content), _FIRST_TREE.search(content)
    if not sizes:
        return "its header ends before tree_sizes"
    wanted = sum(map(int, sizes[1].split()))
    if wanted and not first:
        return "it has no trees"
    end = first.start() + wanted if first else sizes.end()
    if len(content) < end or b"end of trees" not in content[end : end + 64]:
        return "its trees end too early"
    return None


def categories_of(content: bytes) -> Categories:
    """Return the categories that a model's text names; none when it was trained on numbers."""
    columns, written = _CATEGORICAL.search(content), content.rpartition(_PANDAS)[2]
    values = json.loads(written.splitlines()[0]) if _PANDAS in content and written.strip() else None
    if not values or not columns:
        return Categories()
    order = sorted(int(column) for column in columns[1].split(b","))
    return Categories(
        {
            column: {value: number for number, value in enumerate(known)}
            for column, known in zip(order, values, strict=False)
        }
    )
