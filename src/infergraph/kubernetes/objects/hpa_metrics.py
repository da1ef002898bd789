"""What an autoscaler looks at, in the form of autoscaling/v2 whatever form the manifest has it in (SELDON_V1 §1.4)."""

from collections.abc import Mapping
from typing import Any, Final

from infergraph.declaration import HpaSpec
from infergraph.kubernetes.objects.kube_object import plain

_SOURCES: Final = ("resource", "containerResource", "pods", "object", "external")
_NAMED: Final = ("pods", "object", "external")
"""Those whose metric has a name and a selector; the others are known by the name of a resource."""
_TARGETS: Final[Mapping[str, tuple[str, str]]] = {
    "targetAverageUtilization": ("Utilization", "averageUtilization"),
    "targetAverageValue": ("AverageValue", "averageValue"),
    "averageValue": ("AverageValue", "averageValue"),
    "targetValue": ("Value", "value"),
}
"""Fields of v2beta1, the one that wins first."""
_NAMES: Final = {"metricName": "name", "selector": "selector", "metricSelector": "selector"}


def metrics(spec: HpaSpec) -> list[dict[str, Any]]:
    """``metrics``, which has the form of v2beta1, wins over ``metricsv2``; one in v2's form is taken as it is."""
    if spec.metrics:
        return [_converted(plain(one)) for one in spec.metrics]
    return [dict(plain(one)) for one in spec.metrics_v2]


def _converted(metric: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _source(key, value) if key in _SOURCES and isinstance(value, dict) else value
        for key, value in metric.items()
    }


def _source(kind: str, source: dict[str, Any]) -> dict[str, Any]:
    target = _target(source)
    if target is None:
        return source
    known = {*_TARGETS, *_NAMES, "target"}
    rest = {key: value for key, value in source.items() if key not in known}
    if kind == "object" and isinstance(source.get("target"), dict):
        rest["describedObject"] = source["target"]
    if kind in _NAMED:
        rest["metric"] = {_NAMES[key]: source[key] for key in _NAMES if key in source}
    return {**rest, "target": target}


def _target(source: dict[str, Any]) -> dict[str, Any] | None:
    for field, (type_, name) in _TARGETS.items():
        if source.get(field) is not None:
            return {"type": type_, name: source[field]}
    return None
