"""The time of day, where it is compared with what file systems and stores write."""

import time


def now_s() -> float:
    """Seconds since 1970."""
    return time.time()  # noqa: TID251 - files and Retry-After dates have no other clock
