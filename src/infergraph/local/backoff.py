"""How long to wait before a worker that ended is started again."""

FIRST_S = 0.5
LONGEST_S = 30.0
HEALTHY_S = 1.0


class Backoff:
    """The waits of one worker's place.

    The first replacement comes at once. When workers keep ending, each wait is twice the last one, up to half a minute.
    A worker that was ready at least as long as it took to start (and a second) is no crash loop: the next one comes at
    once again, as most of the time there is one that answers.
    """

    def __init__(self) -> None:
        self._in_a_row = 0

    def delay_s(self, *, start_s: float, ready_s: float) -> float:
        """The wait after a worker that took ``start_s`` to start, then was ready for ``ready_s`` (0: never)."""
        if ready_s >= max(start_s, HEALTHY_S):
            self._in_a_row = 0
        self._in_a_row += 1
        if self._in_a_row == 1:
            return 0.0
        return min(FIRST_S * 2.0 ** min(self._in_a_row - 2, 30), LONGEST_S)
