"""Custom metrics of a component, as its method ``metrics`` returns them."""

from typing import Any

from infergraph.components.metrics import TYPES, is_metric

COUNTER, GAUGE, TIMER = "COUNTER", "GAUGE", "TIMER"
assert {COUNTER, GAUGE, TIMER} == TYPES  # noqa: S101 - one list of them


def create_counter(key: str, value: float) -> dict[str, Any]:
    """A metric that the value is added to."""
    return _metric(key, COUNTER, value)


def create_gauge(key: str, value: float) -> dict[str, Any]:
    """A metric that has the value from now on."""
    return _metric(key, GAUGE, value)


def create_timer(key: str, value: float) -> dict[str, Any]:
    """A metric that the value, in milliseconds, is one observation of."""
    return _metric(key, TIMER, value)


def validate_metrics(metrics: Any) -> bool:
    """Whether these are well formed: a list, each with a key, a known type and a number."""
    return isinstance(metrics, list) and all(map(is_metric, metrics))


def _metric(key: str, kind: str, value: float) -> dict[str, Any]:
    metric = {"key": key, "type": kind, "value": value}
    float(value)  # a text is refused where it is said, and not when it is sent
    return metric
