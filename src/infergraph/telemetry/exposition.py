"""Metrics as Prometheus reads them, written by prometheus_client."""

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec

from infergraph.telemetry.definition import Kind
from infergraph.telemetry.snapshot import Family, Series, Snapshot

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

Line = tuple[str, dict[str, str], float]
"""The end of a name, labels, and a value."""


class Page(msgspec.Struct, frozen=True):
    """The answer to a scrape."""

    content_type: str
    body: bytes


def render(snapshot: Snapshot, accept: str = "", *, with_summaries: bool = False) -> Page:
    """The metrics as text, or as OpenMetrics where the Accept header asks for it.

    ``with_summaries`` repeats the sum and count of some histograms under the name of the summary that Seldon Core v1
    has beside them.
    """
    from prometheus_client.exposition import choose_encoder

    encode, content_type = choose_encoder(accept)
    return Page(content_type, encode(_Collected(snapshot, with_summaries=with_summaries)))


class _Collected:
    """A snapshot as prometheus_client takes one."""

    def __init__(self, snapshot: Snapshot, *, with_summaries: bool) -> None:
        self._families = snapshot.families
        self._with_summaries = with_summaries

    def collect(self) -> Iterator["Metric"]:
        for family in self._families:
            yield _metric(family, family.name, family.kind.value, _LINES[family.kind])
            if family.summary and self._with_summaries:
                yield _metric(family, family.summary, "summary", _summary_lines)


def _metric(family: Family, name: str, kind: str, lines: "Lines") -> "Metric":
    from prometheus_client.metrics_core import Metric

    metric = Metric(name.removesuffix("_total") if kind == "counter" else name, family.help, kind)
    for series in family.series:
        for end, labels, value in lines(family, series):
            metric.add_sample(metric.name + end, labels, value)
    return metric


def _counter_lines(_: Family, series: Series) -> Iterable[Line]:
    return [("_total", dict(series.labels), series.value)]


def _gauge_lines(_: Family, series: Series) -> Iterable[Line]:
    return [("", dict(series.labels), series.value)]


def _histogram_lines(family: Family, series: Series) -> Iterator[Line]:
    labels = dict(series.labels)
    for bound, count in zip((*family.buckets, float("inf")), accumulate(series.counts), strict=True):
        yield "_bucket", {**labels, "le": _bound(bound)}, count
    yield from _summary_lines(family, series)


def _summary_lines(_: Family, series: Series) -> Iterable[Line]:
    labels = dict(series.labels)
    return [("_count", labels, sum(series.counts)), ("_sum", labels, series.value)]


def _bound(bound: float) -> str:
    from prometheus_client.utils import floatToGoString

    return str(floatToGoString(bound))  # type: ignore[no-untyped-call]


Lines = Callable[[Family, Series], Iterable[Line]]
_LINES: dict[Kind, Lines] = {
    Kind.COUNTER: _counter_lines,
    Kind.GAUGE: _gauge_lines,
    Kind.HISTOGRAM: _histogram_lines,
}
