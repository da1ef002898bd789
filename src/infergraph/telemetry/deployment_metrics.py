"""What is measured of one deployment."""

from bisect import bisect_left
from time import perf_counter, time  # noqa: TID251 - a metric says when, to people

from infergraph.declaration import Predictor, SeldonDeployment
from infergraph.telemetry.catalog import (
    CLIENT_REQUESTS,
    COMPONENT_CALLS,
    COMPONENT_REQUESTS,
    GRAPH,
    IN_FLIGHT,
    LAST_INFERENCE,
    REFUSALS,
    SERVER_REQUESTS,
    SHADOWS_DROPPED,
    STAGE,
    STAGE_BUCKETS,
)
from infergraph.telemetry.instruments import Counter
from infergraph.telemetry.registry import Registry
from infergraph.telemetry.request_meter import RequestMeter
from infergraph.telemetry.timings import Timings
from infergraph.telemetry.unit_metrics import UnitLabels, UnitMetrics

VERSION = "version"
"""The annotation of a predictor that its executor metrics have as version, and the label that its components' have."""


class DeploymentMetrics:
    """The instruments of one deployment.

    ``requests_by`` and ``calls_by`` are the metrics of its requests, and of the calls of its units.
    ``predictor_key`` is the entry of a request's routing that says which predictor answered. ``name`` is what stands in
    the label ``deployment_name``, when that is not the deployment's name.
    """

    requests_by = SERVER_REQUESTS
    calls_by = CLIENT_REQUESTS

    def __init__(
        self,
        deployment: SeldonDeployment,
        registry: Registry | None = None,
        predictor_key: str = "",
        name: str = "",
    ) -> None:
        self.name = name or deployment.name
        self.registry = registry = registry or Registry()
        self.predictor_key = predictor_key
        self.in_flight = registry.gauge(IN_FLIGHT, self.name)
        self._success = registry.histogram(GRAPH, self.name, "success")
        self._failure = registry.histogram(GRAPH, self.name, "failure")
        self._parse = registry.histogram(STAGE, self.name, "parse")
        self._encode = registry.histogram(STAGE, self.name, "encode")
        self._last_inference_s = 0.0  # of the performance counter
        registry.gauge(LAST_INFERENCE, self.name, read=self._last_inference)
        self._predictors = [
            (p.name, p.annotations.get(VERSION, "")) for p in deployment.spec.predictors if not p.shadow
        ]
        self._meters: dict[str, RequestMeter] = {}
        self._units: dict[tuple[str, str], UnitMetrics] = {}
        self._refusals: dict[str, Counter] = {}

    def requests(self, service: str) -> RequestMeter:
        """What measures the requests of one path or gRPC method; the same one each time."""
        meter = self._meters.get(service)
        if meter is None:
            meter = self._meters[service] = RequestMeter(self, service, self._predictors)
        return meter

    def unit(self, predictor: Predictor, unit: str, image: str) -> UnitMetrics:
        """What measures one unit; the same one each time."""
        key = (predictor.name, unit)
        if key not in self._units:
            labels = UnitLabels(
                deployment=self.name,
                predictor=predictor.name,
                predictor_version=predictor.annotations.get(VERSION, ""),
                predictor_label=predictor.labels.get(VERSION, ""),
                unit=unit,
                image=image,
            )
            self._units[key] = UnitMetrics(self.registry, labels, self.calls_by)
        return self._units[key]

    def shadows_dropped(self, predictor: str) -> Counter:
        """Copies that a shadow did not get."""
        return self.registry.counter(SHADOWS_DROPPED, self.name, predictor)

    def refused(self, reason: str) -> None:
        """A request was refused; the reason is one of our own words, never the caller's."""
        counter = self._refusals.get(reason)
        if counter is None:
            counter = self._refusals[reason] = self.registry.counter(REFUSALS, self.name, reason)
        counter.value += 1

    def observe_stages(self, timings: Timings, now_s: float) -> None:
        """A request that has come as far as the graph is answered."""
        decoded_s, walked_s = timings.decoded_s, timings.walked_s
        self._last_inference_s = now_s
        if not walked_s:
            self._parse.observe(decoded_s - timings.received_s)
            self._failure.observe(now_s - decoded_s)
            return
        # Written out: a call for each would double what they cost, and this is for every request.
        parse, success, encode = self._parse, self._success, self._encode
        parse_s, graph_s, encode_s = decoded_s - timings.received_s, walked_s - decoded_s, now_s - walked_s
        parse.counts[bisect_left(STAGE_BUCKETS, parse_s)] += 1
        success.counts[bisect_left(STAGE_BUCKETS, graph_s)] += 1
        encode.counts[bisect_left(STAGE_BUCKETS, encode_s)] += 1
        parse.sum += parse_s
        success.sum += graph_s
        encode.sum += encode_s

    def _last_inference(self) -> float:
        """When the last request went through the graph, in seconds since 1970; 0 is never."""
        return time() - perf_counter() + self._last_inference_s if self._last_inference_s else 0.0


class MicroserviceMetrics(DeploymentMetrics):
    """The instruments of a component that is served alone.

    Its requests are counted by the engine that makes them under the names of SELDON_V1 §7.1, so here they have others.
    """

    requests_by = COMPONENT_REQUESTS
    calls_by = COMPONENT_CALLS
