"""The metrics of one process."""

import asyncio
import threading

from infergraph import __version__
from infergraph.telemetry import Registry, Snapshot, merged
from infergraph.telemetry.catalog import CATALOG, REFUSALS
from infergraph.telemetry.definition import Definition, Kind
from tests.telemetry.scraping import scrape


def test_the_same_labels_are_the_same_instrument() -> None:
    registry = Registry()
    assert registry.counter(REFUSALS, "d", "x") is registry.counter(REFUSALS, "d", "x")
    assert registry.counter(REFUSALS, "d", "x") is not registry.counter(REFUSALS, "d", "y")


def test_a_registry_says_what_runs() -> None:
    assert scrape(Registry()).value("infergraph_build_info", version=__version__) == 1


def test_names_of_the_catalog_do_not_meet() -> None:
    claims = [name for definition in CATALOG for name in definition.claims]
    assert len(claims) == len(set(claims))


def test_a_component_cannot_take_a_name_that_means_something_else() -> None:
    registry = Registry()
    timer = Definition(name="t", kind=Kind.HISTOGRAM, help="T.", buckets=(1.0,))
    assert registry.reported(timer, ()) is registry.reported(timer, ())
    for name, kind in (("t", Kind.GAUGE), ("t_count", Kind.GAUGE), (REFUSALS.name, Kind.COUNTER)):
        assert registry.reported(Definition(name=name, kind=kind, help="Other."), ()) is None


def test_threads_that_define_the_same_metric_share_it() -> None:
    registry = Registry()
    counter = Definition(name="c_total", kind=Kind.COUNTER, help="C.")
    start = threading.Barrier(8)
    found: list[object] = []

    def define() -> None:
        start.wait()
        found.append(registry.reported(counter, ()))

    threads = [threading.Thread(target=define) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1


def test_a_scrape_gathers_the_other_processes() -> None:
    other = Registry()
    other.counter(REFUSALS, "d", "x").value = 2

    async def gather(own: Snapshot) -> Snapshot:
        return merged([own, other.snapshot()])

    registry = Registry(gather)
    registry.counter(REFUSALS, "d", "x").value = 1
    assert scrape(asyncio.run(registry.scrape())).value(REFUSALS.name, reason="x") == 3
    assert scrape(registry).value(REFUSALS.name, reason="x") == 1
