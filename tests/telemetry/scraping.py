"""A scrape, read as Prometheus reads it."""

from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from infergraph.telemetry import Registry, Snapshot, render

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


class Scrape:
    """The families of a scrape and their values."""

    def __init__(self, text: str, *, is_openmetrics: bool = False) -> None:
        self.text = text
        parse = parse_openmetrics if is_openmetrics else parse_text
        self.families: list[Metric] = list(parse(text))

    def value(self, name: str, **labels: str) -> float:
        """The value of the one line of this name that has these labels, among others; 0 when there is none."""
        found = [
            sample.value
            for family in self.families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        assert len(found) <= 1, (name, labels, found)
        return float(found[0]) if found else 0.0

    def labels(self, name: str) -> list[dict[str, str]]:
        """The labels of all lines of this name."""
        return [sample.labels for family in self.families for sample in family.samples if sample.name == name]


def scrape(source: Registry | Snapshot) -> Scrape:
    """What Prometheus would read."""
    snapshot = source.snapshot() if isinstance(source, Registry) else source
    return Scrape(render(snapshot).body.decode())
