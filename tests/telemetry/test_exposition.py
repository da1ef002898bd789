"""Metrics as Prometheus reads them."""

from infergraph.telemetry import Registry, render
from infergraph.telemetry.catalog import IN_FLIGHT, REFUSALS, SERVER_REQUESTS
from tests.telemetry.scraping import OPENMETRICS, Scrape, scrape

REQUEST = ("d", "p", "", "predictions", "post", "200")


def filled() -> Registry:
    """A registry with one of each."""
    registry = Registry()
    registry.counter(REFUSALS, "d", 'a "quoted"\nreason\\').value = 2
    registry.gauge(IN_FLIGHT, "d").value = 3
    for seconds in (0.005, 0.02, 20.0):
        registry.histogram(SERVER_REQUESTS, *REQUEST).observe(seconds)
    return registry


def test_text() -> None:
    page = render(filled().snapshot())
    assert page.content_type.startswith("text/plain; version=0.0.4")
    scraped = Scrape(page.body.decode())
    assert scraped.value("infergraph_refusals_total", reason='a "quoted"\nreason\\') == 2
    assert scraped.value("infergraph_requests_in_flight") == 3
    name = SERVER_REQUESTS.name
    buckets = {bound: scraped.value(f"{name}_bucket", le=bound) for bound in ("0.005", "0.025", "10.0", "+Inf")}
    assert buckets == {"0.005": 1, "0.025": 2, "10.0": 2, "+Inf": 3}
    assert (scraped.value(f"{name}_count"), scraped.value(f"{name}_sum")) == (3, 20.025)


def test_openmetrics_where_it_is_asked_for() -> None:
    page = render(filled().snapshot(), f"{OPENMETRICS};q=0.5, text/plain;q=0.2")
    assert page.content_type.startswith("application/openmetrics-text; version=1.0.0")
    scraped = Scrape(page.body.decode(), is_openmetrics=True)
    assert scraped.value("infergraph_refusals_total") == 2
    assert page.body.endswith(b"# EOF\n")


def test_both_forms_say_the_same() -> None:
    snapshot = filled().snapshot()
    text, openmetrics = (
        {(s.name, *sorted(s.labels.items())): s.value for family in scraped.families for s in family.samples}
        for scraped in (scrape(snapshot), Scrape(render(snapshot, OPENMETRICS).body.decode(), is_openmetrics=True))
    )
    assert text == openmetrics


def test_summaries_are_there_for_those_who_ask() -> None:
    snapshot = filled().snapshot()
    assert "_summary" not in render(snapshot).body.decode()
    scraped = Scrape(render(snapshot, with_summaries=True).body.decode())
    assert scraped.value(f"{SERVER_REQUESTS.summary}_count", service="predictions") == 3
    assert scraped.value(f"{SERVER_REQUESTS.summary}_sum", service="predictions") == 20.025
    assert {family.type for family in scraped.families if family.name == SERVER_REQUESTS.summary} == {"summary"}
