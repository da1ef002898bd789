"""The metrics of one process."""

import sys
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import msgspec

from infergraph import __version__
from infergraph.telemetry.catalog import BUILD_INFO, CATALOG
from infergraph.telemetry.definition import Definition, Kind
from infergraph.telemetry.instruments import Counter, Gauge, Histogram, Instrument
from infergraph.telemetry.process import process_families
from infergraph.telemetry.snapshot import Family, Labels, Series, Snapshot

T = TypeVar("T", bound=Instrument)

Gather = Callable[[Snapshot], Awaitable[Snapshot]]
"""From the metrics of this process to those of all of its kind together."""


class Registry:
    """What is measured in this process.

    ``gather`` is how the metrics of the other processes that serve the same come in: given this one's, it answers
    those of all, merged. Without it this process is the only one.
    """

    def __init__(self, gather: Gather | None = None) -> None:
        self._gather = gather
        self._definitions: dict[str, Definition] = {}
        self._series: dict[str, dict[Labels, Instrument]] = {}
        self._claimed: set[str] = set()
        self._lock = threading.Lock()  # components define metrics from their own threads
        for definition in CATALOG:
            self._define(definition)
        self.gauge(BUILD_INFO, __version__, sys.version.partition(" ")[0]).value = 1

    def counter(self, definition: Definition, *values: str) -> Counter:
        """The counter with these values of the definition's labels; the same one each time."""
        return self._of(definition, _labelled(definition, values), Counter)

    def gauge(self, definition: Definition, *values: str, read: Callable[[], float] | None = None) -> Gauge:
        """As `counter`; ``read`` is asked for the value when somebody looks."""
        gauge = self._of(definition, _labelled(definition, values), Gauge)
        gauge.read = read or gauge.read
        return gauge

    def histogram(self, definition: Definition, *values: str) -> Histogram:
        """As `counter`."""
        return self._of(definition, _labelled(definition, values), lambda: Histogram(definition.buckets))

    def reported(self, definition: Definition, labels: Labels) -> Instrument | None:
        """The instrument of a metric that a component defines; None when its name means another one already."""
        with self._lock:
            if definition.name not in self._definitions and definition.claims.isdisjoint(self._claimed):
                self._define(definition)
        if self._definitions.get(definition.name) != definition:
            return None
        return self._of(definition, labels, lambda: _made(definition))

    def snapshot(self) -> Snapshot:
        """The metrics of this process as they are now."""
        found = [self._family(definition) for definition in tuple(self._definitions.values())]
        return Snapshot((*(family for family in found if family.series), *process_families()))

    async def scrape(self) -> Snapshot:
        """The metrics of all processes that serve the same, as they are now."""
        own = self.snapshot()
        return own if self._gather is None else await self._gather(own)

    def _define(self, definition: Definition) -> None:
        self._series[definition.name] = {}
        self._definitions[definition.name] = definition
        self._claimed |= definition.claims

    def _of(self, definition: Definition, labels: Labels, make: Callable[[], T]) -> T:
        series = self._series[definition.name]
        instrument = series.get(labels)
        if instrument is None:
            instrument = series.setdefault(labels, make())
        return instrument  # type: ignore[return-value] # a definition has one kind

    def _family(self, definition: Definition) -> Family:
        series = tuple(_read(labels, one) for labels, one in tuple(self._series[definition.name].items()))
        fields = msgspec.structs.asdict(definition)
        del fields["labels"]
        return Family(**fields, series=series)


def _labelled(definition: Definition, values: Iterable[str]) -> Labels:
    return tuple(zip(definition.labels, values, strict=True))


def _made(definition: Definition) -> Instrument:
    if definition.kind is Kind.HISTOGRAM:
        return Histogram(definition.buckets)
    return Counter() if definition.kind is Kind.COUNTER else Gauge()


def _read(labels: Labels, instrument: Instrument) -> Series:
    if isinstance(instrument, Histogram):
        return Series(labels, instrument.sum, tuple(instrument.counts))
    if isinstance(instrument, Gauge):
        return Series(labels, instrument.now, at_s=instrument.at_s)
    return Series(labels, instrument.value)
