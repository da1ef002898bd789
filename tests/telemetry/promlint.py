"""What `promtool check metrics` complains about, as far as names and help go (client_golang's promlint, Apache-2.0)."""

import re
from collections.abc import Iterator

from prometheus_client import Metric

TYPES = ("counter", "gauge", "summary", "histogram", "gaugehistogram")
BASE = {
    "seconds": ("milliseconds", "microseconds", "nanoseconds", "minutes", "hours", "days", "weeks"),
    "bytes": ("kilobytes", "megabytes", "gigabytes", "bits", "kibibytes", "mebibytes"),
    "ratio": ("percent", "percents"),
    "celsius": ("kelvin", "kelvins", "fahrenheit"),
    "meters": ("kilometers", "centimeters", "millimeters"),
}
ABBREVIATIONS = frozenset({"s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d"})


def problems(metric: Metric) -> Iterator[str]:
    """What is wrong with one family as prometheus_client's parser reads it."""
    name = f"{metric.name}_total" if metric.type == "counter" else metric.name
    words = name.split("_")
    if not metric.documentation:
        yield f"{name} no help text"
    if metric.type != "counter" and name.endswith("_total"):
        yield f"{name} non-counter metrics should not have the suffix _total"
    if metric.type not in ("histogram", "summary") and name.endswith(("_bucket", "_count", "_sum")):
        yield f"{name} only a histogram or a summary has such a suffix"
    for kind in TYPES:
        if f"_{kind}_" in name or name.endswith(f"_{kind}"):
            yield f"{name} metric name should not include type '{kind}'"
    if ":" in name:
        yield f"{name} metric names should not contain ':'"
    if re.search(r"[a-z][A-Z]", name):
        yield f"{name} metric names should be in snake_case"
    for base, others in BASE.items():
        yield from (f"{name} use base unit {base} instead of {other}" for other in others if other in words)
    yield from (f"{name} metric names should not contain abbreviated units" for _ in ABBREVIATIONS.intersection(words))
    yield from _label_problems(metric, name)


def _label_problems(metric: Metric, name: str) -> Iterator[str]:
    labels = {label for sample in metric.samples for label in sample.labels}
    if "le" in labels and metric.type != "histogram":
        yield f"{name} non-histogram metrics should not have the label le"
    if "quantile" in labels and metric.type != "summary":
        yield f"{name} non-summary metrics should not have the label quantile"
    if any(re.search(r"[a-z][A-Z]", label) for label in labels):
        yield f"{name} label names should be in snake_case"
