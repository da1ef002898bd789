"""The custom metrics that a component reports with an answer (SELDON_V1 §4.3)."""

from collections.abc import Sequence
from typing import Any, Protocol

from infergraph.errors import ComponentFailed
from infergraph.payloads import json_text
from infergraph.payloads.payload import JsonObject

TYPES = frozenset({"COUNTER", "GAUGE", "TIMER"})
METHODS = {
    "predict": "predict",
    "transform_input": "inputtransform",
    "transform_output": "outputtransform",
    "route": "router",
    "aggregate": "aggregate",
    "send_feedback": "feedback",
    "health_status": "health",
}
"""What the metrics of each operation have as label ``method`` (SELDON_V1 §7.2)."""


class Reporter(Protocol):
    """Takes what a component reports; called in the thread that the component runs in."""

    def metrics(self, method: str, metrics: Sequence[JsonObject]) -> None:
        """What it reports with one call of a method."""
        ...

    def feedback(self, reward: float) -> None:
        """It has taken a feedback."""
        ...


class NobodyAsks:
    """The reporter of a component whose metrics nobody reads."""

    def metrics(self, method: str, metrics: Sequence[JsonObject]) -> None: ...

    def feedback(self, reward: float) -> None: ...


class MetricsAlone:
    """The reporter of a component whose feedback somebody else counts."""

    def __init__(self, reporter: Reporter) -> None:
        self.metrics = reporter.metrics

    def feedback(self, reward: float) -> None: ...


def checked_metrics(metrics: Any, unit: str) -> list[JsonObject]:
    """The metrics, when each has a key, a known type and a number.

    :raises ComponentFailed: with the reason MICROSERVICE_BAD_METRIC otherwise.
    """
    if isinstance(metrics, list | tuple) and all(map(is_metric, metrics)):
        return list(metrics)
    message = f"Bad metric created during request: {json_text.encode(metrics).decode()}"
    raise ComponentFailed(message, unit=unit, reason="MICROSERVICE_BAD_METRIC")


def raw_metrics(metrics: Sequence[JsonObject] | None) -> list[JsonObject]:
    """Those metrics of a raw message that are well formed; protobuf's JSON leaves zeros out, COUNTER among them."""
    whole = [{"type": "COUNTER", "value": 0.0, **metric} for metric in metrics or ()]
    return list(filter(is_metric, whole))


def is_metric(metric: Any) -> bool:
    """Whether it has a key, a known type and a number."""
    if not isinstance(metric, dict) or not {"key", "type", "value"} <= metric.keys():
        return False
    value = metric["value"]
    is_number = hasattr(value, "__float__") and not isinstance(value, str | bool)
    return metric["type"] in TYPES and is_number
