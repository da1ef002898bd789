"""What is measured of the requests to one path, or one gRPC method."""

from bisect import bisect_left
from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from infergraph.telemetry.catalog import REFUSALS, V1_BUCKETS
from infergraph.telemetry.instruments import Histogram
from infergraph.telemetry.registry import Registry
from infergraph.telemetry.timings import Timings

if TYPE_CHECKING:
    from infergraph.telemetry.deployment_metrics import DeploymentMetrics

OTHER = "other"
_METHODS = {method.upper(): method for method in ("get", "head", "post", "put", "patch", "delete", "options")}
_METHODS |= {kind: kind for kind in ("unary", "stream")}  # what gRPC's calls are
"""The methods that a series can have: what callers invent is all one, or they could fill the memory with it."""


class Meter:
    """Measures the requests of a path from when each arrives until its answer is made. This one measures nothing."""

    def start(self) -> Timings:
        """A request has come; `finish` must follow."""
        return Timings()

    def finish(self, timings: Timings, method: str, code: str | int, refusal: str = "") -> None:
        """Its answer is there. ``code`` is that of the protocol, ``refusal`` a stable reason, empty for none."""


NO_METER = Meter()


class RefusalMeter(Meter):
    """Counts refusals alone, those that belong to no deployment: of paths that lead nowhere, of broken requests."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def finish(self, timings: Timings, method: str, code: str | int, refusal: str = "") -> None:  # noqa: ARG002
        if refusal:
            self.refused(refusal)

    def refused(self, reason: str) -> None:
        """A request was refused."""
        self._registry.counter(REFUSALS, "", reason).value += 1


class RequestMeter(Meter):
    """Measures time, stages and refusals. ``service`` is what SELDON_V1 §7.1 calls the path.

    ``predictors`` are name and version of those that may answer.
    """

    def __init__(self, metrics: "DeploymentMetrics", service: str, predictors: Sequence[tuple[str, str]]) -> None:
        self._metrics = metrics
        self._in_flight = metrics.in_flight
        self._service = service
        self._predictors = predictors
        self._series: dict[tuple[str, str | int, int], Histogram] = {}

    def start(self) -> Timings:
        self._in_flight.value += 1
        timings = Timings()
        timings.started_s = perf_counter()
        return timings

    def finish(self, timings: Timings, method: str, code: str | int, refusal: str = "") -> None:
        now_s = perf_counter()
        self._in_flight.value -= 1
        routing = timings.routing
        predictor = routing.get(self._metrics.predictor_key, 0) if routing else 0
        series = self._series.get((method, code, predictor)) or self._new_series(method, code, predictor)
        total_s = now_s - timings.started_s
        series.counts[bisect_left(V1_BUCKETS, total_s)] += 1  # written out, as in `observe_stages`
        series.sum += total_s
        if timings.decoded_s:
            self._metrics.observe_stages(timings, now_s)
        if refusal:
            self._metrics.refused(refusal)

    def _new_series(self, method: str, code: str | int, predictor: int) -> Histogram:
        known = _METHODS.get(method, OTHER)
        name, version = self._predictors[predictor if 0 <= predictor < len(self._predictors) else 0]
        labels = (self._metrics.name, name, version, self._service, known, str(code))
        series = self._metrics.registry.histogram(self._metrics.requests_by, *labels)
        if known is not OTHER:  # what callers invent is not remembered
            self._series[method, code, predictor] = series
        return series
