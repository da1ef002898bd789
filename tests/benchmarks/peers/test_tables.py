from benchmarks.peers.aims import Aim
from benchmarks.peers.report import page
from benchmarks.peers.result import Visit
from benchmarks.peers.tables import LOSS, aim_table, failure_list, load_table, table, visit_table
from tests.benchmarks.peers.results import point, results

LOADS = [(1, 1), (1, 64), (1, 256)]
NAMES = ["1", "64", "256"]


def rows_of(text: str) -> list[list[str]]:
    """The cells of a table below its head."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()[2:]]


def test_a_table_is_markdown() -> None:
    assert table(["a", "b", "c"], [["x", "y", "1"]]).splitlines() == [
        "| a | b | c |",
        "| --- | --- | ---: |",
        "| x | y | 1 |",
    ]


def test_the_fastest_stands_first_with_its_ratio_to_the_best_peer() -> None:
    points = [point("FastAPI", 1000.0), point("infergraph", 2500.0), point("BentoML", 400.0)]
    rows = rows_of(load_table(results(*points), points, LOADS, NAMES))
    assert [row[0] for row in rows[:3]] == ["**infergraph**", "FastAPI", "BentoML"]
    assert [row[-1] for row in rows[:3]] == ["2.50 ×", "1.00 ×", "0.40 ×"]


def test_a_cell_holds_rate_and_times_and_errors() -> None:
    points = [point("FastAPI", 1234.5, errors=7)]
    (row, _) = rows_of(load_table(results(*points), points, LOADS, NAMES))
    assert row[2:5] == ["–", "1,234 (2.0 / 5.0, 7 errors)", "–"]


def test_a_load_without_a_single_answer_says_so() -> None:
    points = [point("KServe", 0.0, p50_ms=0.0, p99_ms=0.0)]
    (row, _) = rows_of(load_table(results(*points), points, LOADS, NAMES))
    assert row[3] == "no answer in time"


def test_our_losses_are_marked_for_each_load() -> None:
    points = [
        point("infergraph", 500.0, connections=1),
        point("FastAPI", 1000.0, connections=1),
        point("infergraph", 3000.0),
        point("FastAPI", 1000.0),
    ]
    *_, ours = rows_of(load_table(results(*points), points, LOADS, NAMES))
    assert ours[2:5] == [f"0.50 × {LOSS}", "3.00 ×", "–"]


def test_a_server_that_never_started_has_no_figures() -> None:
    visits = (Visit(server="KServe"), Visit(server="FastAPI", start_s=2.04, idle_mb=240.4, loaded_mb=250.6))
    rows = rows_of(visit_table(results(visits=visits)))
    assert rows == [["FastAPI", "the best", "2.0", "240", "251"], ["KServe", "the best", "–", "–", "–"]]


def test_a_missed_aim_stands_out() -> None:
    (hit, miss, unknown) = rows_of(
        aim_table([Aim("a", 9.0, 8.0), Aim("b", 1.2, 1.15, is_ceiling=True), Aim("c", None, 1.0)])
    )
    assert hit[2:] == ["≥ 8 ×", "9.00 ×", "hit"]
    assert miss[2:] == ["≤ 1.15 ×", "1.20 ×", "**MISS**"]
    assert unknown[2:] == ["≥ 1 ×", "–", "not measured"]


def test_what_failed_is_listed_on_one_line_each() -> None:
    visits = (Visit(server="Ray Serve", failures={"start": "it\nended | `early`"}),)
    assert failure_list(results(visits=visits, skipped={"KServe": "no wheel"})).splitlines() == [
        "- KServe: left out: no wheel",
        "- Ray Serve, start: it ended / 'early'",
    ]
    assert failure_list(results()) == "Nothing."


def test_a_page_is_made_from_whatever_was_measured() -> None:
    text = page(results(point("infergraph", 2500.0), point("FastAPI", 1000.0)))
    assert "A Processor, 2 cores" in text
    assert "| **infergraph** | **seldon REST** |" in text
    assert "{" not in text
