"""An outlet over a real pipe or socket pair: nothing blocks, whole lines are lost, and how many is said."""

import contextlib
import json
import os
import select
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infergraph.local import outlet
from infergraph.local.outlet import STALL_S, WAITING_BYTES, Outlet, may_stall, write_if_there_is_room

LINE = b"x" * 1023 + b"\n"
MORE_THAN_WAITS = 2 * WAITING_BYTES // len(LINE)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(outlet, "monotonic", clock)
    return clock


def pipe() -> tuple[int, int]:
    return os.pipe()


def pair() -> tuple[int, int]:
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()


@contextlib.contextmanager
def ends(make: Callable[[], tuple[int, int]] = pipe) -> Iterator[tuple[int, Outlet]]:
    """The reader's end, which never blocks, and the outlet."""
    reading, writing = make()
    os.set_blocking(reading, False)
    found = Outlet(writing)
    try:
        yield reading, found
    finally:
        for descriptor in (reading, writing, found.descriptor):
            os.close(descriptor)


def read(reading: int) -> bytes:
    """All that there is now."""
    data = b""
    while True:
        try:
            found = os.read(reading, 1 << 20)
        except BlockingIOError:
            return data
        if not found:
            return data
        data += found


def read_all(reading: int, found: Outlet) -> bytes:
    data = read(reading)
    while found.is_waiting:
        found.flush()
        data += read(reading)
    return data


def fill(found: Outlet) -> int:
    """Put lines as long as it takes any. Returns how many."""
    count = 0
    while found.takes:
        found.put(LINE)
        count += 1
    return count


@pytest.mark.parametrize("make", [pipe, pair])
def test_without_room_it_waits_for_a_reader_that_may_read(make: Callable[[], tuple[int, int]], clock: Clock) -> None:
    with ends(make) as (reading, found):
        put = fill(found)
        assert 0 < found.patience_s <= STALL_S
        clock.now_s += STALL_S / 2
        assert found.takes is False
        data = read_all(reading, found)
        assert data == LINE * put
        assert (found.takes, found.patience_s) == (True, float("inf"))


@pytest.mark.parametrize("make", [pipe, pair])
def test_lines_after_a_stall_are_lost_and_counted(make: Callable[[], tuple[int, int]], clock: Clock) -> None:
    with ends(make) as (reading, found):
        put = fill(found)
        clock.now_s += STALL_S
        for _ in range(10):
            assert found.takes
            found.put(LINE)
        *lines, last = read_all(reading, found).splitlines(keepends=True)
        assert lines == [LINE] * put
        event = json.loads(last)
        assert (event["event"], event["level"], event["lines"]) == ("output_lost", "warning", 10)
        found.put(LINE)
        assert read_all(reading, found) == LINE


def test_a_line_is_lost_as_a_whole(clock: Clock) -> None:
    with ends() as (reading, found):
        fill(found)
        clock.now_s += STALL_S
        found.put(b"its begin")
        found.put(b"ning\na second\nand a th")
        found.put(b"ird")
        data = read_all(reading, found)
        found.put(b"\nheard again\n")
        *_, event, line = (data + read_all(reading, found)).splitlines()
        assert json.loads(event)["lines"] == 3
        assert line == b"heard again"


def test_the_beginning_of_a_line_is_lost_with_its_end(clock: Clock) -> None:
    with ends() as (reading, found):
        found.put(LINE * MORE_THAN_WAITS + b"begins")
        clock.now_s += STALL_S
        found.put(b" and ends\n")
        *lines, event = read_all(reading, found).splitlines(keepends=True)
        assert lines == [LINE] * MORE_THAN_WAITS
        assert json.loads(event)["lines"] == 1


def test_a_reader_that_goes_away_is_forgotten() -> None:
    with ends() as (reading, found):
        fill(found)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, reading)
        os.close(nothing)
        found.flush()
        assert not found.is_waiting


def test_a_pipe_that_cannot_be_opened_again_is_written_to_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a pod, whose process has another user than who made the pipe."""

    def refused(*_: object) -> int:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refused)
        with ends() as (reading, found):
            count = fill(found)
            assert found.is_waiting
            assert read_all(reading, found) == LINE * count


def test_it_writes_to_a_full_pipe_only_when_there_is_room() -> None:
    reading, writing = pipe()
    assert write_if_there_is_room(writing, bytearray(100_000)) == select.PIPE_BUF
    while select.select([], [writing], [], 0)[1]:
        os.write(writing, LINE)
    with pytest.raises(BlockingIOError):
        write_if_there_is_room(writing, bytearray(1))
    os.close(reading)
    os.close(writing)


def test_a_file_and_a_terminal_do_not_stall(tmp_path: Path) -> None:
    terminal, other = os.openpty()
    reading, writing = pipe()
    with (tmp_path / "file").open("w") as file:
        assert [may_stall(one) for one in (terminal, file.fileno(), writing)] == [False, False, True]
    for one in (terminal, other, reading, writing):
        os.close(one)
