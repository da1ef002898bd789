"""How many requests a deployment has answered, and how long its graph took for them."""

from time import perf_counter_ns, time_ns
from types import TracebackType


class Statistics:
    """Counts since the start, of all protocols together.

    ``success_ns`` and ``fail_ns`` are nanoseconds in the graph; ``last_inference_ms`` is milliseconds since 1970.
    """

    __slots__ = ("fail_count", "fail_ns", "last_inference_ms", "success_count", "success_ns")

    def __init__(self) -> None:
        self.success_count = self.success_ns = 0
        self.fail_count = self.fail_ns = 0
        self.last_inference_ms = 0

    def timed(self) -> "Timed":
        """A block that is one request's way through the graph; it fails when the block raises."""
        return Timed(self)


class Timed:
    """One request's way through the graph."""

    __slots__ = ("_started_ns", "_statistics")

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics
        self._started_ns = 0

    def __enter__(self) -> None:
        self._started_ns = perf_counter_ns()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        took_ns = perf_counter_ns() - self._started_ns
        statistics = self._statistics
        statistics.last_inference_ms = time_ns() // 1_000_000
        if kind is None:
            statistics.success_count += 1
            statistics.success_ns += took_ns
        else:
            statistics.fail_count += 1
            statistics.fail_ns += took_ns
