import os
from pathlib import Path

import msgspec

from benchmarks.peers.journal import AGE_S, Journal
from benchmarks.peers.result import Plan, Visit
from tests.benchmarks.peers.results import point

PLAN = Plan(rounds=2, seconds=1.0, is_quick=False, servers=("A", "B"), commit="abc1234")


def begun(file: Path) -> Journal:
    """A run in which one server has had its first turn."""
    journal = Journal(PLAN, file)
    journal.add(Visit(server="A", round=1, start_s=1.0), [point("A", 10.0, round=1)])
    return journal


def test_a_run_goes_on_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    first = begun(file)
    again = Journal(PLAN, file)
    assert (again.points, again.visits) == (first.points, first.visits)
    assert again.has("A", 1)
    assert not again.has("A", 2)
    assert not again.has("B", 1)


def test_another_plan_begins_anew(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    begun(file)
    assert not Journal(msgspec.structs.replace(PLAN, seconds=2.0), file).visits


def test_a_fresh_run_forgets(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    begun(file)
    assert not Journal(PLAN, file, is_fresh=True).visits


def test_what_is_old_is_another_days(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    begun(file)
    long_ago = file.stat().st_mtime - AGE_S - 10
    os.utime(file, (long_ago, long_ago))
    assert not Journal(PLAN, file).visits


def test_a_turn_that_was_cut_off_is_measured_again(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    begun(file)
    whole = file.read_bytes()
    file.write_bytes(whole + msgspec.json.encode(point("B", 1.0, round=1)) + b'\n{"type":"Vis')
    again = Journal(PLAN, file)
    assert [found.server for found in again.points] == ["A"]
    assert not again.has("B", 1)
    assert file.read_bytes() == whole


def test_a_file_of_another_version_is_no_obstacle(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    file.write_text('{"type":"Plan","rounds":3}\n')
    assert not Journal(PLAN, file).visits


def test_a_finished_run_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    begun(file).close()
    assert not file.exists()
