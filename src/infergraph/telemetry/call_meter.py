"""What is measured of the calls of one method of one unit."""

from bisect import bisect_left
from collections.abc import Callable
from typing import Self

import msgspec

from infergraph.errors import RequestError
from infergraph.telemetry.catalog import SIZE_BUCKETS, STAGE_BUCKETS, V1_BUCKETS
from infergraph.telemetry.instruments import Histogram

CANCELLED = 499
"""The code of a call whose answer nobody waited for: its deadline passed, or the caller went. It is nginx's."""


class Stages(msgspec.Struct, frozen=True):
    """The stages of a request in a unit, in seconds."""

    queue: Histogram
    batch: Histogram
    compute: Histogram


class Sizes(msgspec.Struct, frozen=True):
    """How much is in one call of a model."""

    rows: Histogram
    requests: Histogram

    @classmethod
    def of_nobody(cls) -> Self:
        """Sizes that nobody reads."""
        return cls(Histogram(SIZE_BUCKETS), Histogram(SIZE_BUCKETS))


class CallMeter:
    """Measures calls, seconds from the graph asking the unit until the graph has its answer.

    ``series`` finds the histogram of the calls that end with a code.
    """

    def __init__(self, series: Callable[[int], Histogram], stages: Stages, sizes: Sizes) -> None:
        self._series = series
        self._failures: dict[int, Histogram] = {}
        self._success = series(200)
        self._queue, self._compute = stages.queue, stages.compute
        self._rows, self._requests = sizes.rows, sizes.requests
        self.succeeded = self._success.observe
        """Some request of a batch, whose own measures are `UnitMetrics.observe_batch`, has its answer."""

    def answered(self, rows: int, seconds: float, compute_s: float) -> None:
        """A call for one request alone has its answer; it waited for the rest of its seconds."""
        # Written out: a call for each histogram would double what they cost, and this is for every request.
        queue_s = seconds - compute_s
        success, queue, compute, sizes, requests = (
            self._success,
            self._queue,
            self._compute,
            self._rows,
            self._requests,
        )
        success.counts[bisect_left(V1_BUCKETS, seconds)] += 1
        queue.counts[bisect_left(STAGE_BUCKETS, queue_s) if queue_s else 0] += 1
        compute.counts[bisect_left(STAGE_BUCKETS, compute_s)] += 1
        sizes.counts[bisect_left(SIZE_BUCKETS, rows)] += 1
        requests.counts[0] += 1
        success.sum += seconds
        queue.sum += queue_s
        compute.sum += compute_s
        sizes.sum += rows
        requests.sum += 1

    def failed(self, seconds: float, error: BaseException) -> None:
        """The call took so many seconds, and raised."""
        if isinstance(error, RequestError):
            code = error.http_status
        else:
            code = 500 if isinstance(error, Exception) else CANCELLED
        series = self._failures.get(code)
        if series is None:
            series = self._failures[code] = self._series(code)
        series.observe(seconds)
