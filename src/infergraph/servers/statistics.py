"""How many requests a deployment has answered, and how long its graph took for them."""

from collections.abc import Sequence

import msgspec

from infergraph.telemetry import Snapshot
from infergraph.telemetry.catalog import GRAPH, LAST_INFERENCE
from infergraph.telemetry.snapshot import Series


class Statistics(msgspec.Struct, frozen=True):
    """Counts since the start, of all protocols and all workers together.

    ``success_ns`` and ``fail_ns`` are nanoseconds in the graph; ``last_inference_ms`` is milliseconds since 1970.
    """

    success_count: int = 0
    success_ns: int = 0
    fail_count: int = 0
    fail_ns: int = 0
    last_inference_ms: int = 0


def counted(snapshot: Snapshot, deployment: str) -> Statistics:
    """What the metrics say of one deployment."""
    success = _series(snapshot, GRAPH.name, deployment, "success")
    failure = _series(snapshot, GRAPH.name, deployment, "failure")
    return Statistics(
        success_count=sum(success.counts),
        success_ns=round(success.value * 1e9),
        fail_count=sum(failure.counts),
        fail_ns=round(failure.value * 1e9),
        last_inference_ms=round(_series(snapshot, LAST_INFERENCE.name, deployment).value * 1000),
    )


def _series(snapshot: Snapshot, name: str, *values: str) -> Series:
    family = snapshot.family(name)
    of_family: Sequence[Series] = family.series if family else ()
    wanted = (series for series in of_family if tuple(value for _, value in series.labels) == values)
    return next(wanted, Series((), 0.0))
