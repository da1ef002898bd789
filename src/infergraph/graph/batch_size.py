"""How many rows a call should have, learned from how long calls take."""

WANTED_S = 0.05
"""How long a call for several requests may take, unless it takes half of that whatever the number of rows."""

GROWTH = 4  # a call has at most so many times the rows that any had before
MEMORY = 0.9  # what each call leaves of those before it
START = 64
_TICK_S = 1e-9
_SPREAD = 0.01  # of the mean squared: less says nothing about what a row costs


class BatchSize:
    """The size of the next call: ``rows``, at most ``limit``.

    A call costs something whatever its rows, and something for each. Where the first is all, as with most small models,
    every request that waits is taken along for nothing; where the second is all, they would only wait for each other.
    Both are learned by a least squares fit that forgets; calls of always the same size are followed by a larger one.
    """

    __slots__ = ("_limit", "_most", "_x", "_xx", "_xy", "_y", "rows")

    def __init__(self, limit: int) -> None:
        self.rows = min(limit, START)
        self._limit = limit
        self._most = START // GROWTH
        self._x = self._y = self._xx = self._xy = 0.0  # means, the newest calls weighing most

    def note(self, rows: int, seconds: float) -> None:
        """A call with so many rows took so long."""
        memory = MEMORY if self._x else 0.0
        new = 1 - memory
        self._x = self._x * memory + rows * new
        self._y = self._y * memory + seconds * new
        self._xx = self._xx * memory + rows * rows * new
        self._xy = self._xy * memory + rows * seconds * new
        self._most = max(self._most, rows)
        self.rows = min(self._limit, self._most * GROWTH, self._wanted())

    def _wanted(self) -> int:
        variance = self._xx - self._x * self._x
        if variance <= _SPREAD * self._x * self._x:
            # What a row costs at most is known, and to try more is the only way to find out.
            return max(2 * round(self._x), int(WANTED_S * self._x / max(self._y, _TICK_S)))
        row_s = (self._xy - self._x * self._y) / variance
        if row_s <= 0:
            return self._limit
        fixed_s = max(self._y - row_s * self._x, 0.0)
        return max(1, int((max(WANTED_S, 2 * fixed_s) - fixed_s) / row_s))
