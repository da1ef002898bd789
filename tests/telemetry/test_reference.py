"""The page about metrics is the code's."""

from pathlib import Path

from prometheus_client import Metric

from infergraph.telemetry.catalog import CATALOG
from infergraph.telemetry.definition import Kind
from infergraph.telemetry.reference import page
from tests.telemetry.promlint import problems

ROOT = Path(__file__).parent.parent.parent


def test_the_page_is_current() -> None:
    assert (ROOT / "docs/metrics.md").read_text() == page(), "run `make docs`"


def test_every_metric_is_on_the_page() -> None:
    for definition in CATALOG:
        assert f"| `{definition.name}` | {definition.kind.value}" in page()


def test_names_and_help_are_as_prometheus_wants_them() -> None:
    metrics = [Metric(one.family, one.help, one.kind.value) for one in CATALOG]
    assert [problem for metric in metrics for problem in problems(metric)] == []
    assert all(one.name.endswith("_total") for one in CATALOG if one.kind is Kind.COUNTER)


def test_the_lint_finds_what_promtool_finds() -> None:
    bad = [
        Metric("a", "", "gauge"),
        Metric("requests_total", "A gauge.", "gauge"),
        Metric("a_milliseconds", "A time.", "gauge"),
        Metric("a_seconds_summary", "A time.", "summary"),
        Metric("size_kb", "A size.", "gauge"),
        Metric("camelCase", "A name.", "gauge"),
    ]
    assert [len(list(problems(metric))) for metric in bad] == [1] * len(bad)
