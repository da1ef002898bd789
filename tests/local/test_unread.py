"""Output that nobody reads: requests are answered, what is lost is counted, and what can be read is all there."""

import json
import signal
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.local.unread import started, unread

WORKERS = ("--workers", "1")
SINGLE: tuple[str, ...] = ()
LINES = 4_000
"""4 MB on each stream: more than a pipe and what waits for it."""

both = pytest.mark.parametrize("options", [SINGLE, WORKERS], ids=["single", "workers"])


@both
@pytest.mark.parametrize("streams", ["pipes", "sockets"])
def test_requests_are_answered_and_lost_lines_counted(options: tuple[str, ...], streams: str, tmp_path: Path) -> None:
    with unread(tmp_path, "Numbered", *options, streams=streams) as server:
        assert [server.predict(LINES) for _ in range(2)] == [200, 200]
        assert server.ask("GET", "/ready") == 200
        with server.read() as found:
            for stream in found:
                stream.wait_for_loss()
            server.process.terminate()
        assert server.process.returncode == 0
    for stream in found:
        printed = stream.numbers  # the last ones too, when they were still on their way as the reading began
        assert printed == sorted(set(printed))
        assert 1_000 < len(printed) < 2 * LINES
        assert sum(stream.lost) == 2 * LINES - len(printed)
    assert "stopped" in found[0].lines[-1]


@both
def test_after_a_loss_everything_is_read_again(options: tuple[str, ...], tmp_path: Path) -> None:
    with unread(tmp_path, "Numbered", *options) as server:
        assert server.predict(LINES) == 200
        with server.read() as found:
            for stream in found:
                stream.wait_for_loss()
            assert [server.predict(10) for _ in range(2)] == [200, 200]
            server.process.terminate()
    for stream in found:
        assert len(stream.numbers) == LINES + 20 - sum(stream.lost)
        assert stream.numbers[-20:] == list(range(LINES + 1, LINES + 21))


@both
def test_nothing_is_lost_when_it_is_read(options: tuple[str, ...], tmp_path: Path) -> None:
    with unread(tmp_path, "Numbered", *options) as server, server.read() as found:
        assert [server.predict(LINES) for _ in range(3)] == [200, 200, 200]
        server.process.terminate()
    every = list(range(1, 3 * LINES + 1))
    assert [stream.lost for stream in found] == [[], []]
    assert [stream.numbers for stream in found] == [every, every]


@both
def test_nothing_is_lost_of_two_streams_that_are_one(options: tuple[str, ...], tmp_path: Path) -> None:
    with unread(tmp_path, "Numbered", *options, merged=True) as server, server.read() as (found, _):
        assert [server.predict(LINES) for _ in range(3)] == [200, 200, 200]
        server.process.terminate()
    assert found.lost == []
    every = range(1, 3 * LINES + 1)
    assert sorted(found.numbers) == sorted([*every, *every])


@both
def test_a_line_longer_than_what_may_wait(options: tuple[str, ...], tmp_path: Path) -> None:
    with unread(tmp_path, "LongLine", *options) as server, server.read() as found:
        assert server.predict(5_000_000) == 200
        server.process.terminate()
    (line,) = [line for line in found[0].lines if line.startswith("<")]
    assert line == "<" + "x" * 5_000_000 + ">"


@both
def test_a_line_longer_than_what_may_wait_is_cut_when_nobody_reads(options: tuple[str, ...], tmp_path: Path) -> None:
    with unread(tmp_path, "LongLine", *options) as server:
        assert server.predict(5_000_000) == 200
        with server.read() as found:
            found[0].wait_for_loss()
            assert server.predict(10) == 200
            server.process.terminate()
    first, *_, last = [line for line in found[0].lines if line.startswith("<")]
    assert first.endswith("x")
    assert last == "<" + "x" * 10 + ">"
    assert found[0].lost == [1]


@both
def test_a_print_is_seen_at_once(options: tuple[str, ...], tmp_path: Path) -> None:
    with unread(tmp_path, "Glancing", *options) as server:
        assert server.predict() == 200
        assert server.stdout.readline() == b"seen at once\n"


@both
def test_a_flood_of_log_events_is_read_or_counted(options: tuple[str, ...], tmp_path: Path) -> None:
    with unread(tmp_path, "Logging", *options) as server, server.read() as (found, _):
        assert [server.predict(LINES) for _ in range(3)] == [200, 200, 200]
        server.process.terminate()
    events = [json.loads(line)["event"] for line in found.lines]
    logged = sum(event.startswith("line") for event in events)
    assert logged + sum(found.lost) == 3 * LINES
    assert "stopped" in events[-1]


@both
@pytest.mark.parametrize("is_read", [True, False], ids=["read", "unread"])
def test_a_flood_without_end_holds_nothing_up(options: tuple[str, ...], is_read: bool, tmp_path: Path) -> None:
    with unread(tmp_path, "Flooding", *options) as server, server.read() if is_read else nullcontext():
        assert [server.predict() for _ in range(10)] == [200] * 10
        assert server.ask("GET", "/live") == 200
        server.process.terminate()
        assert server.process.wait(30) == 0


@both
def test_a_failure_to_start_is_one_though_nobody_reads(options: tuple[str, ...], tmp_path: Path) -> None:
    with started(tmp_path, "Failing", *options) as process:
        assert process.wait(50) == 1


def test_what_a_library_writes_past_python_is_pumped(tmp_path: Path) -> None:
    with unread(tmp_path, "Native", *WORKERS) as server:
        assert [server.predict(LINES) for _ in range(2)] == [200, 200]
        with server.read() as found:
            found[0].wait_for_loss()
            server.process.terminate()
    written = [line for line in found[0].lines if line.startswith("native")]
    assert len(written) + sum(found[0].lost) == 2 * LINES


def test_workers_are_replaced_and_reloaded_though_nobody_reads(tmp_path: Path) -> None:
    with unread(tmp_path, "Numbered", *WORKERS) as server:
        assert server.predict(LINES) == 200
        for _ in range(3):
            server.process.send_signal(signal.SIGHUP)
            assert server.predict(LINES) == 200
        with server.read() as found:
            found[0].wait_for_loss()
            server.process.terminate()
        assert server.process.returncode == 0
    assert sum(found[0].lost) > 0


def test_the_last_words_of_a_worker_that_crashes(tmp_path: Path) -> None:
    with unread(tmp_path, "Dying", *WORKERS) as server, server.read() as found:
        assert server.predict() != 200
        server.process.terminate()
    assert any("out: no newline at the end" in line for line in found[0].lines)
    assert "terminate called" in found[1].lines
    assert "Fatal Python error: Aborted" in found[1].lines


def test_the_last_words_of_a_single_process_that_crashes(tmp_path: Path) -> None:
    with unread(tmp_path, "Dying") as server, server.read() as found:
        assert server.predict() == 0
    assert server.process.returncode == -signal.SIGABRT
    assert found[0].lines[-1] == "out: no newline at the end"
    assert found[1].lines == ["terminate called"]


@both
def test_it_ends_though_nobody_reads(options: tuple[str, ...], tmp_path: Path) -> None:
    with unread(tmp_path, "Numbered", *options) as server:
        assert server.predict(LINES) == 200
        server.process.terminate()
        assert server.process.wait(30) == 0


@both
def test_a_reader_that_goes_away_costs_nothing(options: tuple[str, ...], tmp_path: Path) -> None:
    with unread(tmp_path, "Numbered", *options) as server:
        assert server.predict(LINES) == 200
        server.stdout.close()
        server.stderr.close()
        assert [server.predict(LINES) for _ in range(2)] == [200, 200]
        server.process.terminate()
        assert server.process.wait(30) == 0


def test_prints_of_a_worker_whose_supervisor_is_killed_fail_no_request(tmp_path: Path) -> None:
    with unread(tmp_path, "Waiting", *WORKERS) as server, server.asking() as statuses:
        _wait_for(tmp_path / "entered")
        server.process.kill()
        server.process.wait()
        (tmp_path / "go").touch()
    assert statuses == [200]


def _wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.005)
