"""Counter, gauge, histogram: plain numbers that cost a request a fraction of a microsecond.

One thread writes, that of the event loop; there is no lock. prometheus_client's own take ten times as long with labels.
"""

from bisect import bisect_left
from collections.abc import Callable


class Counter:
    """A number that only grows: ``counter.value += 1``."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0.0


class Gauge:
    """How much there is now: set or add to ``value``, or give it a function to ``read`` it when somebody looks.

    ``at_s`` is when it was set, for a gauge of which the last value counts: by the monotonic clock, which all processes
    of a machine share, and which nobody sets back.
    """

    __slots__ = ("at_s", "read", "value")

    def __init__(self) -> None:
        self.value = 0.0
        self.at_s = 0.0
        self.read: Callable[[], float] | None = None

    @property
    def now(self) -> float:
        """The value at this moment."""
        return self.value if self.read is None else float(self.read())  # True is no number to who reads a message


class Histogram:
    """How often a value fell below each bound, and the sum of all values."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)  # the last one is for what is above every bound
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    def observe_many(self, value: float, times: int) -> None:
        """Count the same value several times."""
        self.counts[bisect_left(self.bounds, value)] += times
        self.sum += value * times

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(self.counts)


Instrument = Counter | Gauge | Histogram
