"""What a metric is: its name, what it means, and how those of several processes become one."""

from enum import Enum

import msgspec


class Kind(Enum):
    """The kinds of Prometheus that we have."""

    COUNTER = "counter"  # only grows
    GAUGE = "gauge"  # how it is now
    HISTOGRAM = "histogram"  # how often how much: counts in buckets, and a sum


class Way(Enum):
    """How the gauges of several processes become one; counters and histograms always add up."""

    SUM = "sum"
    MAX = "max"
    LAST = "last"  # the one that was set last


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """One metric. ``buckets`` are the upper bounds of a histogram, rising, without the infinite one.

    ``summary`` names a summary that repeats the histogram's sum and count, for those who ask for it (SELDON_V1 §7.1).
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    way: Way = Way.SUM
    summary: str = ""

    @property
    def family(self) -> str:
        """The name without a counter's ``_total``, as OpenMetrics has it."""
        return self.name.removesuffix("_total") if self.kind is Kind.COUNTER else self.name

    @property
    def claims(self) -> frozenset[str]:
        """Every name that a line of this metric can begin with: no other metric may use one of them."""
        suffixes = _SUFFIXES[self.kind]
        return frozenset({self.name, self.family, *(self.family + suffix for suffix in suffixes)})


_SUFFIXES = {
    Kind.COUNTER: ("_total", "_created"),
    Kind.GAUGE: (),
    Kind.HISTOGRAM: ("_bucket", "_count", "_sum", "_created"),
}
