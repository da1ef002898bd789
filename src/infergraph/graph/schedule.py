"""Shares of traffic, kept exactly."""

from collections.abc import Sequence

PERIOD = 100


def spread(weights: Sequence[int]) -> tuple[int, ...]:
    """An order of 100 turns in which each index has its share, as evenly as it goes.

    ``weights`` are percentages that sum to 100. The order repeats, so any 100 turns in a row hold the exact shares.
    This is the smooth weighted round robin: each turn goes to whoever is furthest behind its share.
    """
    credit = [0] * len(weights)
    turns = []
    for _ in range(PERIOD):
        credit = [have + weight for have, weight in zip(credit, weights, strict=True)]
        chosen = max(range(len(weights)), key=credit.__getitem__)
        credit[chosen] -= PERIOD
        turns.append(chosen)
    return tuple(turns)
