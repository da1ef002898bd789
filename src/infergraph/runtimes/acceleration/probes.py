"""Rows on which a conversion has to answer as the original does."""

from collections.abc import Mapping

import numpy as np

from infergraph.runtimes.rows import Rows

COUNT = 512
FINITE, OTHERS = slice(COUNT // 2), slice(COUNT // 2, COUNT)
"""Where the probes are that hold finite numbers only, and those that may hold others."""
_SPECIAL_SHARE = 0.05
_MOST_THRESHOLDS = 500


def probes(rows: Rows, width: int, thresholds: Mapping[int, np.ndarray]) -> np.ndarray:
    """Generated rows, of shape (COUNT, width), always the same for the same model.

    Where ``thresholds`` are known, most values lie on them, next to them in single and in double precision, or between
    them: that is where a tree that rounds otherwise goes another way. Elsewhere they are of many magnitudes. The
    second half has missing and infinite values, where the model takes such.
    """
    chance = np.random.default_rng(0)
    columns = [_values(chance, thresholds.get(column)) for column in range(width)]
    found = np.stack(columns, axis=1)
    specials = [special for special, takes in ((np.nan, rows.takes_nan), (np.inf, rows.takes_infinity)) if takes]
    for turn, special in enumerate(specials):
        part = found[OTHERS][turn::8]
        part[chance.random(part.shape) < _SPECIAL_SHARE] = special
    return found


def _values(chance: np.random.Generator, thresholds: np.ndarray | None) -> np.ndarray:
    anywhere = chance.normal(size=COUNT) * 10.0 ** chance.integers(-2, 3, COUNT)
    if thresholds is None or not len(thresholds):
        return anywhere
    near = _around(chance.permutation(thresholds)[:_MOST_THRESHOLDS])
    return np.where(chance.random(COUNT) < 0.9, chance.choice(near, COUNT), anywhere)


def _around(thresholds: np.ndarray) -> np.ndarray:
    """The thresholds themselves, their neighbours in both precisions, what lies between them, and zero.

    Zero is a missing value for some models of LightGBM, and none for what is made of them.
    """
    single = thresholds.astype(np.float32)
    up, down = np.float32(np.inf), np.float32(-np.inf)
    return np.concatenate(
        [
            np.zeros(len(thresholds)),
            thresholds,
            np.nextafter(thresholds, np.inf),
            np.nextafter(thresholds, -np.inf),
            *(one.astype(np.float64) for one in (single, np.nextafter(single, up), np.nextafter(single, down))),
            (np.sort(thresholds)[1:] + np.sort(thresholds)[:-1]) / 2,
        ]
    )
