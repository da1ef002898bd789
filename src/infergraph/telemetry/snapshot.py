"""The metrics of a process at one moment, and of several processes together."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from infergraph.telemetry.definition import Kind, Way

Labels = tuple[tuple[str, str], ...]
"""Names and values of labels."""


class Series(msgspec.Struct, frozen=True, array_like=True):
    """One line of numbers: a metric with certain labels.

    ``value`` is that of a counter or gauge, or the sum of a histogram, whose ``counts`` are those of its buckets (not
    added up, the infinite one last). ``at_s`` is when a gauge was set, by the machine's monotonic clock, where its last
    value counts.
    """

    labels: Labels
    value: float
    counts: tuple[int, ...] = ()
    at_s: float = 0.0


class Family(msgspec.Struct, frozen=True, array_like=True):
    """All series of one metric; the fields are those of its `Definition`."""

    name: str
    kind: Kind
    help: str
    series: tuple[Series, ...]
    buckets: tuple[float, ...] = ()
    way: Way = Way.SUM
    summary: str = ""

    def fits(self, other: "Family") -> bool:
        """Whether the other is the same metric, so that their series may be added up."""
        return (self.kind, self.buckets, self.way) == (other.kind, other.buckets, other.way)


class Snapshot(msgspec.Struct, frozen=True):
    """What a registry holds at one moment. It can be sent to another process with msgspec's encoders."""

    families: tuple[Family, ...] = ()

    def family(self, name: str) -> Family | None:
        """The metric of this name, if there is one."""
        return next((family for family in self.families if family.name == name), None)


def merged(snapshots: Iterable[Snapshot]) -> Snapshot:
    """The metrics of several processes as those of one.

    Counters and histograms add up, gauges as their `Way` says. A metric that two processes define differently, as two
    versions of a component may, is that of the first.
    """
    found: dict[str, list[Family]] = {}
    for snapshot in snapshots:
        for family in snapshot.families:
            found.setdefault(family.name, []).append(family)
    return Snapshot(tuple(_joined(families) for families in found.values()))


def remains(snapshot: Snapshot) -> Snapshot:
    """What is left of a process that is gone: what it counted, and nothing of how it was."""
    return Snapshot(tuple(family for family in snapshot.families if family.kind is not Kind.GAUGE))


def _joined(families: Sequence[Family]) -> Family:
    first = families[0]
    found: dict[Labels, list[Series]] = {}
    for series in _series(first, families):
        found.setdefault(series.labels, []).append(series)
    return msgspec.structs.replace(first, series=tuple(_added(first, several) for several in found.values()))


def _series(first: Family, families: Sequence[Family]) -> Iterator[Series]:
    return (series for family in families if first.fits(family) for series in family.series)


def _added(family: Family, several: Sequence[Series]) -> Series:
    if len(several) == 1:
        return several[0]
    if family.kind is Kind.GAUGE and family.way is Way.MAX:
        return max(several, key=lambda series: series.value)
    if family.kind is Kind.GAUGE and family.way is Way.LAST:
        return max(several, key=lambda series: (series.at_s, series.value))
    counts = tuple(map(sum, zip(*(series.counts for series in several), strict=True)))
    return Series(several[0].labels, sum(series.value for series in several), counts)
