"""What is measured of a request."""

from infergraph.telemetry import DeploymentMetrics, Registry
from infergraph.telemetry.catalog import SERVER_REQUESTS
from infergraph.telemetry.request_meter import NO_METER, RefusalMeter, RequestMeter
from infergraph.telemetry.timings import Timings
from tests.telemetry.deployments import deployment
from tests.telemetry.scraping import Scrape, scrape

KEY = "which"
COUNT = f"{SERVER_REQUESTS.name}_count"


def metered() -> tuple[Registry, RequestMeter]:
    registry = Registry()
    return registry, DeploymentMetrics(deployment(), registry, KEY).requests("predictions")


def stages(scraped: Scrape) -> dict[str, float]:
    return {stage: scraped.value("infergraph_stage_seconds_count", stage=stage) for stage in ("parse", "encode")}


def walked(timings: Timings, routing: dict[str, int]) -> Timings:
    """The timings of a request that went all the way: a second in each stage."""
    timings.received_s, timings.decoded_s, timings.walked_s = (timings.started_s + step for step in (1, 2, 3))
    timings.routing = routing
    return timings


def test_a_request_that_is_answered() -> None:
    registry, meter = metered()
    timings = meter.start()
    assert scrape(registry).value("infergraph_requests_in_flight", deployment_name="shop") == 1
    meter.finish(walked(timings, {}), "POST", 200)
    scraped = scrape(registry)
    labels = {"service": "predictions", "method": "post", "code": "200", "predictor_name": "main"}
    assert scraped.value(COUNT, **labels, predictor_version="main-a", deployment_name="shop") == 1
    assert scraped.value("infergraph_requests_in_flight") == 0
    assert stages(scraped) == {"parse": 1, "encode": 1}
    assert scraped.value("infergraph_stage_seconds_sum", stage="parse") == 1
    assert scraped.value("infergraph_graph_seconds_sum", outcome="success") == 1
    assert scraped.value("infergraph_graph_seconds_count", outcome="failure") == 0
    assert scraped.value("infergraph_last_inference_timestamp_seconds") > 1_700_000_000


def test_a_request_that_fails_in_the_graph_is_parsed_and_not_encoded() -> None:
    registry, meter = metered()
    timings = walked(meter.start(), {})
    timings.walked_s = 0.0
    meter.finish(timings, "POST", 500)
    scraped = scrape(registry)
    assert stages(scraped) == {"parse": 1, "encode": 0}
    assert scraped.value("infergraph_graph_seconds_count", outcome="failure") == 1
    assert scraped.value(COUNT, code="500") == 1


def test_a_request_that_is_refused_gives_its_reason() -> None:
    registry, meter = metered()
    meter.finish(meter.start(), "POST", 400, "MICROSERVICE_BAD_DATA")
    scraped = scrape(registry)
    assert stages(scraped) == {"parse": 0, "encode": 0}
    assert scraped.value("infergraph_refusals_total", deployment_name="shop", reason="MICROSERVICE_BAD_DATA") == 1
    assert scraped.value(COUNT, code="400") == 1


def test_the_predictor_is_the_one_that_answered() -> None:
    registry, meter = metered()
    for chosen in (0, 1, 1, 99):  # no shadow among them, and nobody has number 99
        meter.finish(walked(meter.start(), {KEY: chosen}), "POST", 200)
    scraped = scrape(registry)
    assert scraped.value(COUNT, predictor_name="main") == 2
    assert scraped.value(COUNT, predictor_name="canary", predictor_version="canary-a") == 2


def test_methods_that_callers_invent_are_one_series_and_take_no_memory() -> None:
    registry, meter = metered()
    for number in range(1000):
        meter.finish(meter.start(), f"M{number}", 405, "METHOD_NOT_ALLOWED")
    assert scrape(registry).value(COUNT, method="other", code="405") == 1000
    assert len(scrape(registry).labels(COUNT)) == 1
    assert meter._series == {}


def test_refusals_alone_and_nothing() -> None:
    registry = Registry()
    for meter in (RefusalMeter(registry), NO_METER):
        meter.finish(meter.start(), "GET", 404, "NOT_FOUND")
        meter.finish(meter.start(), "GET", 200)
    assert scrape(registry).value("infergraph_refusals_total", deployment_name="", reason="NOT_FOUND") == 1
    assert scrape(registry).labels(COUNT) == []
