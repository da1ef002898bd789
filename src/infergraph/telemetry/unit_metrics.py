"""What is measured of one unit of a graph."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from infergraph.telemetry.call_meter import CallMeter, Sizes, Stages
from infergraph.telemetry.catalog import (
    BATCH_REQUESTS,
    BATCH_ROWS,
    CIRCUIT_OPEN,
    CIRCUIT_OPENED,
    CLIENT_REQUESTS,
    FEEDBACK,
    FEEDBACK_REWARD,
    MODEL_LOAD,
    NEGATIVE_REWARD,
    QUEUE_DEPTH,
    STAGE,
)
from infergraph.telemetry.definition import Definition
from infergraph.telemetry.instruments import Histogram
from infergraph.telemetry.registry import Registry
from infergraph.telemetry.reported import UNSET, ReportedMetrics

SERVICES = {
    "predict": "/predict",
    "transform_input": "/transform-input",
    "transform_output": "/transform-output",
    "route": "/route",
    "aggregate": "/aggregate",
    "send_feedback": "/send-feedback",
}
"""The path under which a component's method is called over REST (SELDON_V1 §3.5); a fused unit's calls have it too."""


class UnitLabels(msgspec.Struct, frozen=True, kw_only=True):
    """Who a unit is. The version of a predictor stands in an annotation for one half of the metrics, in a label for
    the other (SELDON_V1 §7.1, §7.2)."""

    deployment: str = ""
    predictor: str = ""
    predictor_version: str = ""
    predictor_label: str = ""
    unit: str = ""
    image: str = ""


class UnitMetrics:
    """The instruments of one unit, for the code that calls it.

    Everything but `metrics` and `feedback`, which the component itself reports, is for the event loop's thread.
    """

    def __init__(
        self,
        registry: Registry | None = None,
        labels: UnitLabels | None = None,
        calls_by: Definition = CLIENT_REQUESTS,
    ) -> None:
        self._calls_by = calls_by
        self._registry = registry = registry or Registry()
        self._labels = labels = labels or UnitLabels()
        self._own = (labels.deployment, labels.predictor, labels.unit)
        self._sizes = Sizes(registry.histogram(BATCH_ROWS, *self._own), registry.histogram(BATCH_REQUESTS, *self._own))
        queue, batch, compute = (
            registry.histogram(STAGE, labels.deployment, stage) for stage in ("queue", "batch", "compute")
        )
        self._stages = Stages(queue, batch, compute)
        self._reported = ReportedMetrics(registry, _component_labels(labels), self._own)

    def calls(self, operation: str) -> CallMeter:
        """What measures the calls of one of the unit's methods. Only predictions have sizes."""
        labels = self._labels
        before = (labels.deployment, labels.predictor, labels.predictor_version, SERVICES[operation], "post")
        model = (labels.unit, *image_and_version(labels.image))

        def series(code: int) -> Histogram:
            return self._registry.histogram(self._calls_by, *before, str(code), *model)

        return CallMeter(series, self._stages, self._sizes if operation == "predict" else Sizes.of_nobody())

    def observe_batch(self, rows: int, requests: int, queue_s: float, compute_s: float, batch_s: float = 0.0) -> None:
        """One call of the model for several requests.

        ``queue_s`` is how long its requests have waited (where they differ, their mean), ``compute_s`` what the call
        took, ``batch_s`` what it took to put the batch together and to take it apart. Each request of the batch
        counts with all three, so that the stages of a request add up.
        """
        self._sizes.rows.observe(rows)
        self._sizes.requests.observe(requests)
        self._stages.queue.observe_many(queue_s, requests)
        self._stages.batch.observe_many(batch_s, requests)
        self._stages.compute.observe_many(compute_s, requests)

    def watch_queue(self, read: Callable[[], int]) -> None:
        """``read`` says how many requests wait for their turn; it is asked when somebody looks."""
        self._registry.gauge(QUEUE_DEPTH, *self._own, read=read)

    def watch_circuit(self, read: Callable[[], bool]) -> None:
        """The unit runs in another process; ``read`` says whether calls of it are refused."""
        self._registry.gauge(CIRCUIT_OPEN, *self._own, read=lambda: float(read()))
        self._registry.counter(CIRCUIT_OPENED, *self._own)

    def circuit_opened(self) -> None:
        """From now on calls of the unit are refused."""
        self._registry.counter(CIRCUIT_OPENED, *self._own).value += 1

    def loaded(self, seconds: float) -> None:
        """The unit is loaded."""
        self._registry.gauge(MODEL_LOAD, *self._own).value = seconds

    def metrics(self, method: str, metrics: Sequence[Any]) -> None:
        """What the component says of a call of its ``method``: objects with key, type and value. From any thread."""
        self._reported.add(method, metrics)

    def feedback(self, reward: float) -> None:
        """The component has taken a feedback. From any thread."""
        self._reported.count(FEEDBACK, "feedback", 1)
        if reward >= 0:
            self._reported.count(FEEDBACK_REWARD, "feedback", reward)
        else:
            self._registry.counter(NEGATIVE_REWARD, *self._own).value -= reward


def image_and_version(image: str) -> tuple[str, str]:
    """The name of an image and its tag or digest; the colon of a registry's port divides nothing."""
    name, at, digest = image.partition("@")
    if at:
        return name, digest
    before, colon, tag = image.rpartition(":")
    return (before, tag) if colon and "/" not in tag else (image, "")


def _component_labels(labels: UnitLabels) -> dict[str, str]:
    image, version = image_and_version(labels.image)
    named = {
        "deployment_name": labels.deployment,
        "predictor_name": labels.predictor,
        "predictor_version": labels.predictor_label,
        "model_name": labels.unit,
        "model_image": image,
        "model_version": version,
        "seldon_deployment_name": labels.deployment,
        "image_name": image,
        "image_version": version,
    }
    return {name: value or UNSET for name, value in named.items()}
