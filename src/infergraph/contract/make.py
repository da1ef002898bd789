"""Rows that a contract allows, by chance (SELDON_V1 §9.3)."""

from collections.abc import Sequence

import numpy as np

from infergraph.contract.feature import Feature, Kind
from infergraph.payloads.payload import Array

DIGITS = 3


def rows_of(features: Sequence[Feature], count: int, random: np.random.Generator) -> Array:
    """An array of ``count`` rows with the columns of all features; texts among them make it one of objects."""
    blocks = [_block(feature, count, random) for feature in features for _ in range(feature.repeat)]
    kinds = {block.dtype for block in blocks}
    if len(kinds) > 1 and object in kinds:
        blocks = [block.astype(object) for block in blocks]
    return np.concatenate(blocks, axis=1)


def names_of(features: Sequence[Feature]) -> list[str]:
    """The names of the columns; none where a feature is more than one column."""
    if any(feature.shape not in ([], [1]) for feature in features):
        return []
    return [name for feature in features for name in feature.names("{}{}", 1)]


def _block(feature: Feature, count: int, random: np.random.Generator) -> Array:
    shape = (count, *(feature.shape or [1]))
    if feature.ftype is Kind.CATEGORICAL:
        chosen = random.integers(len(feature.values), size=shape)
        values = np.array(feature.values, dtype=object if feature.type == "STRING" else _NUMPY[feature.type])
        return np.asarray(values[chosen])
    values = _continuous(feature.low, feature.high, shape, random)
    if feature.type == "INT":
        return np.clip(np.floor(values + 0.5), np.ceil(feature.low), np.floor(feature.high)).astype(np.int64)
    return np.clip(np.round(values, DIGITS), feature.low, feature.high)


_NUMPY = {"FLOAT": np.float64, "INT": np.int64}


def _continuous(low: float, high: float, shape: tuple[int, ...], random: np.random.Generator) -> Array:
    """Uniform between two limits, log-normal from one, normal around zero without any."""
    if np.isinf(low) and np.isinf(high):
        return random.normal(size=shape)
    if np.isinf(low):
        return high - random.lognormal(size=shape)
    if np.isinf(high):
        return low + random.lognormal(size=shape)
    return random.uniform(low, high, size=shape)
