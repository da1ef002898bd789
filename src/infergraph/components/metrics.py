"""The custom metrics that a component reports with an answer (SELDON_V1 §4.3)."""

from typing import Any

from infergraph.errors import ComponentFailed
from infergraph.payloads import json_text
from infergraph.payloads.payload import JsonObject

TYPES = frozenset({"COUNTER", "GAUGE", "TIMER"})


def checked_metrics(metrics: Any, unit: str) -> list[JsonObject]:
    """The metrics, when each has a key, a known type and a number.

    :raises ComponentFailed: with the reason MICROSERVICE_BAD_METRIC otherwise.
    """
    if isinstance(metrics, list | tuple) and all(map(_is_metric, metrics)):
        return list(metrics)
    message = f"Bad metric created during request: {json_text.encode(metrics).decode()}"
    raise ComponentFailed(message, unit=unit, reason="MICROSERVICE_BAD_METRIC")


def _is_metric(metric: Any) -> bool:
    if not isinstance(metric, dict) or not {"key", "type", "value"} <= metric.keys():
        return False
    value = metric["value"]
    is_number = hasattr(value, "__float__") and not isinstance(value, str | bool)
    return metric["type"] in TYPES and is_number
