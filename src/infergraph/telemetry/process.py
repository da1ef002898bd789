"""What the operating system knows of this process, under the names that every Prometheus client gives it."""

from collections.abc import Iterator

from infergraph.telemetry.definition import Kind, Way
from infergraph.telemetry.snapshot import Family, Series

_MAX = frozenset({"process_max_fds", "process_start_time_seconds"})
"""What does not add up over processes: a limit that each has, and the start of the newest."""


def process_families() -> Iterator[Family]:
    """Processor time, memory and open files; nothing where there is no /proc."""
    from prometheus_client.process_collector import PROCESS_COLLECTOR

    for metric in PROCESS_COLLECTOR.collect():
        kind = Kind.COUNTER if metric.type == "counter" else Kind.GAUGE
        way = Way.MAX if metric.name in _MAX else Way.SUM
        sample = metric.samples[0]
        yield Family(sample.name, kind, metric.documentation, (Series((), sample.value),), way=way)
