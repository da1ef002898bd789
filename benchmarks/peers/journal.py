"""What a run has measured so far, so that one that was interrupted goes on where it was."""

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.peers.result import Plan, Point, Visit

AGE_S = 6 * 3600  # what is older was measured on another day's machine
Entry = Plan | Point | Visit


class Journal:
    """A line for each thing measured, behind the plan that it belongs to. A server's lines are added at once."""

    def __init__(self, plan: Plan, file: Path, *, is_fresh: bool = False) -> None:
        self._file = file
        found = [] if is_fresh else _turns(plan, file)
        self.points = [entry for entry in found if isinstance(entry, Point)]
        self.visits = [entry for entry in found if isinstance(entry, Visit)]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_lines([plan, *found]))

    def has(self, server: str, round_: int) -> bool:
        """Whether a server's turn in a round is over."""
        return any((visit.server, visit.round) == (server, round_) for visit in self.visits)

    def add(self, visit: Visit, points: Sequence[Point]) -> None:
        """Keep a server's turn."""
        with self._file.open("ab") as file:
            file.write(_lines([*points, visit]))
        self.points += points
        self.visits.append(visit)

    def close(self) -> None:
        """Everything is measured."""
        self._file.unlink(missing_ok=True)


def _lines(entries: Sequence[Entry]) -> bytes:
    return b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries)


def _turns(plan: Plan, file: Path) -> list[Entry]:
    """The whole turns that are there, if they were measured by the same plan, not long ago."""
    if not file.exists() or time.time() - file.stat().st_mtime > AGE_S:
        return []
    entries = _readable(file.read_bytes().splitlines())
    if entries[:1] != [plan]:
        return []
    last = max((number for number, entry in enumerate(entries) if isinstance(entry, Visit)), default=0)
    return entries[1 : last + 1]


def _readable(lines: Sequence[bytes]) -> list[Entry]:
    """Up to the first line that was cut off when the run ended, or that another version wrote."""
    entries: list[Entry] = []
    with contextlib.suppress(msgspec.DecodeError):
        entries.extend(msgspec.json.decode(line, type=Entry) for line in lines)
    return entries
