from typing import Any

import pytest

from infergraph.declaration import HpaSpec
from infergraph.kubernetes.objects.hpa_metrics import metrics
from tests.kubernetes.rendering import made


def test_every_metric_of_v2beta1() -> None:
    assert made("hpa_v2beta1").one("HorizontalPodAutoscaler")["spec"]["metrics"] == [
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}},
        {
            "type": "Resource",
            "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "2Gi"}},
        },
        {
            "type": "ContainerResource",
            "containerResource": {
                "name": "cpu",
                "container": "classifier",
                "target": {"type": "Utilization", "averageUtilization": 60},
            },
        },
        {
            "type": "Pods",
            "pods": {
                "metric": {"name": "queue", "selector": {"matchLabels": {"a": "b"}}},
                "target": {"type": "AverageValue", "averageValue": "5"},
            },
        },
        {
            "type": "Object",
            "object": {
                "describedObject": {"kind": "Service", "name": "sklearn", "apiVersion": "v1"},
                "metric": {"name": "hits"},
                "target": {"type": "Value", "value": "100"},
            },
        },
        {
            "type": "External",
            "external": {
                "metric": {"name": "messages", "selector": {"matchLabels": {"q": "in"}}},
                "target": {"type": "AverageValue", "averageValue": "30"},
            },
        },
        {"type": "External", "external": {"metric": {"name": "total"}, "target": {"type": "Value", "value": "300"}}},
    ]


V2: list[dict[str, Any]] = [
    {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 10}}},
    {
        "type": "Object",
        "object": {
            "describedObject": {"kind": "Service", "name": "s"},
            "metric": {"name": "hits"},
            "target": {"type": "Value", "value": "1"},
        },
    },
]


@pytest.mark.parametrize("metric", V2)
def test_the_form_of_v2_stays_wherever_it_stands(metric: dict[str, Any]) -> None:
    assert metrics(HpaSpec(max_replicas=2, metrics=(metric,))) == [metric]
    assert metrics(HpaSpec(max_replicas=2, metrics_v2=(metric,))) == [metric]


def test_the_older_form_wins() -> None:
    old = {"type": "Resource", "resource": {"name": "cpu", "targetAverageUtilization": 70}}
    (found,) = metrics(HpaSpec(max_replicas=2, metrics=(old,), metrics_v2=(V2[0],)))
    assert found["resource"]["target"]["averageUtilization"] == 70


def test_an_average_of_an_object() -> None:
    target = {"kind": "Service", "name": "s"}
    old = {
        "type": "Object",
        "object": {"target": target, "metricName": "hits", "targetValue": "9", "averageValue": "2"},
    }
    (found,) = metrics(HpaSpec(max_replicas=2, metrics=(old,)))
    assert found["object"]["target"] == {"type": "AverageValue", "averageValue": "2"}
