"""How long to wait before the next try of what failed."""

import random
from typing import Final

FIRST_S: Final = 0.5
MOST_S: Final = 300.0


def delay_s(failures: int) -> float:
    """Twice as long each time, up to five minutes, and up to a fifth of it more: keys that failed together part."""
    return float(min(FIRST_S * 2 ** min(failures - 1, 20), MOST_S) * (1 + random.random() / 5))  # noqa: S311 - no secret
