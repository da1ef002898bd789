"""Several processes as one."""

from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infergraph.telemetry import Registry, Snapshot, merged, remains
from infergraph.telemetry.catalog import IN_FLIGHT, MODEL_LOAD, REFUSALS, STAGE
from infergraph.telemetry.definition import Definition, Kind, Way
from infergraph.telemetry.snapshot import Family, Labels, Series


class Event(NamedTuple):
    """Something that is measured, in one of some processes."""

    process: int
    kind: str
    label: str
    value: int


EVENTS = st.lists(
    st.builds(
        Event,
        process=st.integers(0, 3),
        kind=st.sampled_from(["count", "observe", "add", "load", "last"]),
        label=st.sampled_from(["a", "b", "c"]),
        # Eighths add up without rounding, in whatever order.
        value=st.integers(0, 200),
    ),
    max_size=60,
)
LAST = Definition(name="custom", kind=Kind.GAUGE, help="Custom.", way=Way.LAST)


def note(registry: Registry, event: Event, at_s: int) -> None:
    """Measure."""
    value = event.value / 8
    if event.kind == "count":
        registry.counter(REFUSALS, "d", event.label).value += value
    elif event.kind == "observe":
        registry.histogram(STAGE, "d", event.label).observe(value)
    elif event.kind == "add":
        registry.gauge(IN_FLIGHT, event.label).value += value
    elif event.kind == "load":
        gauge = registry.gauge(MODEL_LOAD, "d", "p", event.label)
        gauge.value = max(gauge.value, value)
    else:
        last = registry.reported(LAST, (("x", event.label),))
        last.value, last.at_s = value, at_s  # type: ignore[union-attr]


def by_series(snapshot: Snapshot) -> dict[tuple[str, Labels], Series]:
    """What a snapshot says, whatever the order; not of the process itself, whose memory grows as we look."""
    return {
        (family.name, series.labels): series
        for family in snapshot.families
        for series in family.series
        if not family.name.startswith("process_")
    }


@given(EVENTS)
def test_several_processes_merged_are_as_one_that_has_seen_all(events: list[Event]) -> None:
    processes, single = [Registry() for _ in range(4)], Registry()
    for at_s, event in enumerate(events):
        note(processes[event.process], event, at_s)
        note(single, event, at_s)
    snapshots = [process.snapshot() for process in processes]
    assert by_series(merged(snapshots)) == by_series(single.snapshot())
    assert by_series(merged([merged(snapshots[:2]), merged(snapshots[2:])])) == by_series(single.snapshot())


@pytest.mark.parametrize("codec", [msgspec.msgpack, msgspec.json])
def test_a_snapshot_travels(codec: object) -> None:
    registry = Registry()
    registry.histogram(STAGE, "d", "parse").observe(0.5)
    registry.gauge(MODEL_LOAD, "d", "p", "m").value = 2
    snapshot = registry.snapshot()
    sent = codec.encode(snapshot)  # type: ignore[attr-defined]
    assert codec.decode(sent, type=Snapshot) == snapshot  # type: ignore[attr-defined]


def test_of_a_process_that_is_gone_its_counts_remain() -> None:
    registry = Registry()
    registry.counter(REFUSALS, "d", "QUEUE_FULL").value = 3
    registry.histogram(STAGE, "d", "parse").observe(0.5)
    registry.gauge(IN_FLIGHT, "d").value = 7
    left = remains(registry.snapshot())
    assert {family.kind for family in left.families} == {Kind.COUNTER, Kind.HISTOGRAM}
    again = merged([left, registry.snapshot()])
    assert by_series(again)[REFUSALS.name, (("deployment_name", "d"), ("reason", "QUEUE_FULL"))].value == 6
    assert by_series(again)[IN_FLIGHT.name, (("deployment_name", "d"),)].value == 7


def test_a_metric_that_two_processes_define_differently_is_that_of_the_first() -> None:
    series = (Series((), 1.0),)
    first = Family("x", Kind.GAUGE, "A gauge.", series)
    other = Family("x", Kind.HISTOGRAM, "A histogram.", (Series((), 1.0, (1, 0)),), (1.0,))
    assert merged([Snapshot((first,)), Snapshot((other,))]) == Snapshot((first,))


def test_nothing_merged_is_nothing() -> None:
    assert merged([]) == Snapshot()
