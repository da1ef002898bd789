"""What components report of themselves."""

import threading
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from infergraph.telemetry import Registry, UnitMetrics
from infergraph.telemetry.reported import MAX_SERIES, TIMER_BUCKETS, UNSET
from infergraph.telemetry.unit_metrics import UnitLabels
from tests.telemetry.scraping import Scrape, scrape


def metric(kind: str, key: Any, value: Any, **tags: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "value": value, **({"tags": tags} if tags else {})}


def reported(*metrics: dict[str, Any], method: str = "predict") -> Scrape:
    registry = Registry()
    UnitMetrics(registry, UnitLabels(unit="m", deployment="d")).metrics(method, metrics)
    return scrape(registry)


def test_counters_add_up_gauges_are_set_and_timers_become_seconds() -> None:
    scraped = reported(
        *(metric("COUNTER", "orders", value) for value in (1, 2.5)),
        *(metric("GAUGE", "load", value) for value in (3, np.float32(0.5))),
        *(metric("TIMER", "lookup", value) for value in (20.0, 60_000)),
    )
    assert scraped.value("orders_total", method="predict", model_name="m") == 3.5
    assert scraped.value("load") == 0.5
    assert (scraped.value("lookup_count"), scraped.value("lookup_sum")) == (2, 60.02)
    assert (scraped.value("lookup_bucket", le="30.0"), scraped.value("lookup_bucket", le="+Inf")) == (1, 2)
    assert {family.type for family in scraped.families if family.name in ("orders", "load", "lookup")} == {
        "counter",
        "gauge",
        "histogram",
    }


def test_the_bounds_of_timers_are_those_of_the_v1_wrapper() -> None:
    assert TIMER_BUCKETS[0] == 0
    assert np.allclose(TIMER_BUCKETS[1:], np.logspace(np.log10(0.001), np.log10(30), 50), atol=1e-8)


def test_tags_are_labels_and_ours_win() -> None:
    scraped = reported(
        metric("COUNTER", "n", 1, colour="red", size=3, deployment_name="mine"), metric("COUNTER", "n_total", 1)
    )
    one, other = sorted(scraped.labels("n_total"), key=len, reverse=True)
    assert (one["colour"], one["size"], one["deployment_name"]) == ("red", "3", "d")
    assert "colour" not in other
    assert other["predictor_name"] == other["image_version"] == UNSET
    assert not {"worker_id", "pid"} & one.keys()


def test_each_method_has_its_own_series() -> None:
    registry = Registry()
    metrics = UnitMetrics(registry)
    metrics.metrics("predict", [metric("COUNTER", "n", 1)])
    metrics.metrics("feedback", [metric("COUNTER", "n", 2)])
    assert [scrape(registry).value("n_total", method=method) for method in ("predict", "feedback")] == [1, 2]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (metric("COUNTER", "a-b", 1), "bad_name"),
        (metric("COUNTER", "naïve", 1), "bad_name"),
        (metric("COUNTER", "", 1), "bad_name"),
        (metric("COUNTER", ["a"], 1), "bad_name"),
        (metric("COUNTER", "n" * 201, 1), "bad_name"),
        (metric("GAUGE", "x", 1, **{"a-b": 1}), "bad_label"),
        (metric("GAUGE", "x", 1, le="1"), "bad_label"),
        (metric("GAUGE", "x", 1, __name__="1"), "bad_label"),
        ({**metric("GAUGE", "x", 1), "tags": ["a"]}, "bad_label"),
        (metric("COUNTER", "c", -1), "counter_goes_down"),
        (metric("COUNTER", "c", float("inf")), "not_finite"),
        (metric("TIMER", "t", float("nan")), "not_finite"),
        (metric("GAUGE", "good_total", 1), "name_taken"),
        (metric("TIMER", "infergraph_stage_seconds", 1), "name_taken"),
        (metric("COUNTER", "seldon_api_model_feedback", 1), "name_taken"),
    ],
)
def test_what_is_not_taken_is_counted_and_said_once(bad: dict[str, Any], reason: str) -> None:
    good = metric("COUNTER", "good", 1)
    with capture_logs() as logs:
        scraped = reported(good, bad, bad, good)
    assert scraped.value("good_total") == 2
    assert scraped.value("infergraph_custom_metrics_dropped_total", model_name="m", reason=reason) == 2
    assert [(log["event"], log["why"], log["unit"]) for log in logs] == [("metric_dropped", reason, "m")]


def test_a_tag_with_a_value_for_each_customer_does_not_fill_the_memory() -> None:
    many = [metric("COUNTER", "orders", 1, customer=number) for number in range(MAX_SERIES + 100)]
    scraped = reported(*many, *many[:10])
    assert len(scraped.labels("orders_total")) == MAX_SERIES
    assert scraped.value("orders_total", customer="3") == 2
    assert scraped.value("infergraph_custom_metrics_dropped_total", reason="too_many_series") == 100


def test_long_values_are_cut() -> None:
    (labels,) = reported(metric("COUNTER", "n", 1, text="x" * 10_000)).labels("n_total")
    assert labels["text"] == "x" * 200


def test_threads_lose_nothing() -> None:
    registry = Registry()
    metrics = UnitMetrics(registry)

    def report() -> None:
        for _ in range(500):
            metrics.metrics("predict", [metric("COUNTER", "n", 1), metric("TIMER", "t", 1000)])

    threads = [threading.Thread(target=report) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    scraped = scrape(registry)
    assert [scraped.value(name) for name in ("n_total", "t_count", "t_sum")] == [2000, 2000, 2000]
