from pathlib import Path

from benchmarks.peers.result import Visit, median_visits, medians, read, write
from tests.benchmarks.peers.results import point, results


def test_the_median_of_the_rounds_counts_and_errors_add_up() -> None:
    rounds = [point("A", rate, round=number, errors=number) for number, rate in enumerate((900.0, 100.0, 1000.0), 1)]
    (found,) = medians(rounds)
    assert (found.per_second, found.errors, found.round) == (900, 6, 0)
    assert found.rounds_per_second == (900, 100, 1000)


def test_loads_are_kept_apart() -> None:
    assert len(medians([point("A", 1.0), point("A", 1.0, rows=100), point("A", 1.0, connections=1)])) == 3


def test_a_visit_that_failed_leaves_the_figures_of_the_others() -> None:
    visits = [
        Visit(server="A", round=1, start_s=2.0, idle_mb=100, loaded_mb=110),
        Visit(server="A", round=2, failures={"start": "a port was taken"}),
    ]
    (found,) = median_visits(visits)
    assert (found.start_s, found.idle_mb, found.failures) == (2.0, 100, {"start": "a port was taken"})


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    written = results(point("infergraph", 1.5, rounds_per_second=(1.0, 2.0)), skipped={"B": "reason"})
    write(written, tmp_path / "new" / "results.json")
    assert read(tmp_path / "new" / "results.json") == written
