"""What is measured of a unit."""

import asyncio
from typing import Any

import msgspec
import pytest

from infergraph.errors import ComponentFailed, QueueFull
from infergraph.telemetry import DeploymentMetrics, Registry, Snapshot, UnitMetrics
from infergraph.telemetry.catalog import CIRCUIT_OPEN, CLIENT_REQUESTS
from infergraph.telemetry.unit_metrics import SERVICES, image_and_version
from tests.telemetry.deployments import deployment, predictor
from tests.telemetry.scraping import Scrape, scrape

COUNT = f"{CLIENT_REQUESTS.name}_count"


def unit() -> tuple[Registry, UnitMetrics]:
    registry = Registry()
    return registry, DeploymentMetrics(deployment(), registry).unit(predictor("main"), "model", "host:5000/img:1.2")


def test_a_call_for_one_request() -> None:
    registry, metrics = unit()
    metrics.calls("predict").answered(3, 0.5, 0.375)
    scraped = scrape(registry)
    model = {"model_name": "model", "model_image": "host:5000/img", "model_version": "1.2"}
    labels = {"deployment_name": "shop", "predictor_name": "main", "predictor_version": "main-a"}
    assert scraped.value(COUNT, **model, **labels, service="/predict", method="post", code="200") == 1
    assert scraped.value(f"{CLIENT_REQUESTS.name}_sum") == 0.5
    assert sums(scraped) == {"queue": 0.125, "batch": 0, "compute": 0.375}
    assert sizes(scraped) == {"rows": (1, 3), "requests": (1, 1)}


def test_a_call_for_several_requests_counts_for_each() -> None:
    registry, metrics = unit()
    calls = metrics.calls("predict")
    metrics.observe_batch(rows=10, requests=4, queue_s=0.25, compute_s=0.5, batch_s=0.125)
    for _ in range(3):
        calls.succeeded(1.0)
    calls.failed(1.0, ComponentFailed("no", unit="model", status=418))
    scraped = scrape(registry)
    assert sums(scraped) == {"queue": 1, "batch": 0.5, "compute": 2}
    assert scraped.value("infergraph_stage_seconds_count", stage="compute") == 4
    assert sizes(scraped) == {"rows": (1, 10), "requests": (1, 4)}
    assert (scraped.value(COUNT, code="200"), scraped.value(COUNT, code="418")) == (3, 1)


@pytest.mark.parametrize("operation", [name for name in SERVICES if name != "predict"])
def test_only_predictions_have_sizes(operation: str) -> None:
    registry, metrics = unit()
    metrics.calls(operation).answered(1, 0.5, 0.5)
    scraped = scrape(registry)
    assert sizes(scraped) == {"rows": (0, 0), "requests": (0, 0)}
    assert scraped.value(COUNT, service=SERVICES[operation]) == 1
    assert sums(scraped)["compute"] == 0.5


@pytest.mark.parametrize(
    ("error", "code"),
    [(QueueFull("full"), "503"), (ValueError("no"), "500"), (asyncio.CancelledError(), "499")],
)
def test_a_call_that_fails_has_the_code_of_its_error(error: BaseException, code: str) -> None:
    registry, metrics = unit()
    metrics.calls("predict").failed(0.5, error)
    assert scrape(registry).value(COUNT, code=code) == 1


def test_the_queue_is_read_when_somebody_looks() -> None:
    registry, metrics = unit()
    waiting: list[Any] = []
    metrics.watch_queue(lambda: len(waiting))
    waiting += [1, 2]
    assert scrape(registry).value("infergraph_queue_depth", model_name="model") == 2


def test_a_circuit_is_a_number_as_all_that_travels() -> None:
    registry, metrics = unit()
    metrics.watch_circuit(lambda: True)
    sent = msgspec.msgpack.encode(registry.snapshot())
    family = msgspec.msgpack.decode(sent, type=Snapshot).family(CIRCUIT_OPEN.name)
    assert family is not None
    assert [series.value for series in family.series] == [1.0]


def test_how_long_it_took_to_load() -> None:
    registry, metrics = unit()
    metrics.loaded(1.5)
    assert scrape(registry).value("infergraph_model_load_seconds", predictor_name="main", model_name="model") == 1.5


def test_feedback_and_rewards_with_the_labels_of_components() -> None:
    registry, metrics = unit()
    for reward in (1.0, 0.5, -2.0):
        metrics.feedback(reward)
    scraped = scrape(registry)
    assert scraped.value("seldon_api_model_feedback_total") == 3
    assert scraped.value("seldon_api_model_feedback_reward_total") == 1.5
    assert scraped.value("infergraph_feedback_negative_reward_total") == 2
    (labels,) = scraped.labels("seldon_api_model_feedback_total")
    assert labels == {
        "method": "feedback",
        "deployment_name": "shop",
        "predictor_name": "main",
        "predictor_version": "main-l",
        "model_name": "model",
        "model_image": "host:5000/img",
        "model_version": "1.2",
        "seldon_deployment_name": "shop",
        "image_name": "host:5000/img",
        "image_version": "1.2",
    }


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("img:1", ("img", "1")),
        ("img", ("img", "")),
        ("host:5000/img", ("host:5000/img", "")),
        ("host:5000/a/img:1", ("host:5000/a/img", "1")),
        ("img@sha256:abc", ("img", "sha256:abc")),
        ("", ("", "")),
    ],
)
def test_an_image_has_a_name_and_a_version(image: str, parts: tuple[str, str]) -> None:
    assert image_and_version(image) == parts


def sums(scraped: Scrape) -> dict[str, float]:
    return {s: scraped.value("infergraph_stage_seconds_sum", stage=s) for s in ("queue", "batch", "compute")}


def sizes(scraped: Scrape) -> dict[str, tuple[float, float]]:
    return {
        of: (scraped.value(f"infergraph_batch_{of}_count"), scraped.value(f"infergraph_batch_{of}_sum"))
        for of in ("rows", "requests")
    }
