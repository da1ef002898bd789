"""What components report of themselves: metrics of their own, and feedback (SELDON_V1 §7.2)."""

import math
import re
import threading
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

import structlog

from infergraph.telemetry.catalog import CUSTOM_DROPPED
from infergraph.telemetry.definition import Definition, Kind, Way
from infergraph.telemetry.instruments import Counter, Gauge, Histogram, Instrument
from infergraph.telemetry.registry import Registry
from infergraph.telemetry.snapshot import Labels

log = structlog.get_logger("infergraph.metrics")

UNSET = "NOT_IMPLEMENTED"
"""What a label says that is not known, as with the v1 wrapper."""

MAX_SERIES = 500
"""How many series the metrics of one unit may have: a tag with the customer's name must not fill the memory."""

MAX_TEXT = 200
TIMER_BUCKETS = (0.0, *(round(0.001 * 30_000 ** (step / 49), 9) for step in range(50)))
"""The v1 wrapper's: zero, and 50 bounds from 1 ms to 30 s, evenly spaced on a logarithmic scale."""

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.ASCII)
_LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
_KEPT_LABELS = frozenset({"le", "quantile"})
_KINDS = {"COUNTER": Kind.COUNTER, "GAUGE": Kind.GAUGE, "TIMER": Kind.HISTOGRAM}

Key = tuple[Any, ...]


class _Refused(Exception):
    """Raised when a metric is not taken; the text is the reason."""


class ReportedMetrics:
    """The metrics of one unit's component. They come from any thread."""

    def __init__(self, registry: Registry, labels: Mapping[str, str], unit: tuple[str, str, str]) -> None:
        self._registry = registry
        self._labels = labels
        self._unit = unit
        self._lock = threading.Lock()
        self._series: dict[Key, Instrument] = {}
        self._own: dict[Definition, Counter] = {}
        self._told: set[str] = set()

    def add(self, method: str, metrics: Sequence[Any]) -> None:
        """What the component reports with one call of a method. What is not taken is counted, and logged once."""
        with self._lock:
            for metric in metrics:
                try:
                    self._add(method, metric)
                except _Refused as refused:
                    self._drop(str(refused), metric)

    def count(self, definition: Definition, method: str, value: float) -> None:
        """Count with a definition of ours."""
        with self._lock:
            if definition not in self._own:
                labels = {**self._labels, "method": method}
                self._own[definition] = self._registry.counter(
                    definition, *(labels[name] for name in definition.labels)
                )
            self._own[definition].value += value

    def _add(self, method: str, metric: Mapping[str, Any]) -> None:
        kind, name, tags = metric["type"], metric["key"], _texts(metric.get("tags"))
        key = (kind, f"{name}", method, *tags.items())
        instrument = self._series.get(key)
        if instrument is None:
            labels = {**tags, **self._labels, "method": method}
            instrument = self._new(key, _definition(name, kind), tuple(sorted(labels.items())))
        _record(instrument, float(metric["value"]))

    def _new(self, key: Key, definition: Definition, labels: Labels) -> Instrument:
        if len(self._series) >= MAX_SERIES:
            raise _Refused("too_many_series")
        instrument = self._registry.reported(definition, labels)
        if instrument is None:
            raise _Refused("name_taken")
        self._series[key] = instrument
        return instrument

    def _drop(self, reason: str, metric: Mapping[str, Any]) -> None:
        self._registry.counter(CUSTOM_DROPPED, *self._unit, reason).value += 1
        if reason not in self._told:
            self._told.add(reason)
            deployment, predictor, unit = self._unit
            what = f"{metric['key']!s:.200}"
            log.warning(
                "metric_dropped", deployment=deployment, predictor=predictor, unit=unit, metric=what, why=reason
            )


def _texts(tags: Any) -> dict[str, str]:
    """The tags as labels; a text that is too long is cut."""
    if not tags:
        return {}
    if not isinstance(tags, Mapping) or not all(map(_is_label, tags)):
        raise _Refused("bad_label")
    return {name: f"{value!s:.{MAX_TEXT}}" for name, value in tags.items()}


def _is_label(name: Any) -> bool:
    is_text = isinstance(name, str) and len(name) <= MAX_TEXT
    return is_text and name not in _KEPT_LABELS and _LABEL.fullmatch(name) is not None


def _definition(name: Any, kind: str) -> Definition:
    if not isinstance(name, str) or len(name) > MAX_TEXT or not _NAME.fullmatch(name):
        raise _Refused("bad_name")
    if kind == "COUNTER":
        name = f"{name.removesuffix('_total')}_total"
    return Definition(
        name=name,
        kind=_KINDS[kind],
        help="Reported by a component.",
        buckets=TIMER_BUCKETS if kind == "TIMER" else (),
        way=Way.LAST if kind == "GAUGE" else Way.SUM,
    )


def _record(instrument: Instrument, value: float) -> None:
    if isinstance(instrument, Gauge):
        instrument.value, instrument.at_s = value, monotonic()
    elif not math.isfinite(value):
        raise _Refused("not_finite")
    elif isinstance(instrument, Histogram):
        instrument.observe(value / 1000)
    elif value < 0:
        raise _Refused("counter_goes_down")
    else:
        instrument.value += value
