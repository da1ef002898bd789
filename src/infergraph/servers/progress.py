"""How long a server that goes down waits: as long as its requests are being finished."""

from collections.abc import Callable
from time import monotonic

import structlog

log = structlog.get_logger("infergraph.server")

POLL_S = 0.05
"""How often a drain looks whether it is done."""


class Progress:
    """Watches one drain, from the count of finished requests at its beginning."""

    def __init__(self, finished: int, *, limit_s: float, clock_s: Callable[[], float] = monotonic) -> None:
        self._finished = finished
        self._limit_s = limit_s
        self._clock_s = clock_s
        self._since_s = clock_s()

    def has_stalled(self, *, finished: int, left: int) -> bool:
        """Whether none of the ``left`` requests was finished for ``limit_s``; then that is logged."""
        now_s = self._clock_s()
        if finished > self._finished:
            self._finished, self._since_s = finished, now_s
        elif now_s - self._since_s > self._limit_s:
            log.warning("drain_gave_up", requests=left, seconds=self._limit_s)
            return True
        return False
