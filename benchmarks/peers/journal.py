"""What a run has measured so far, so that one that was interrupted goes on where it was."""

import time
from pathlib import Path

import msgspec

from benchmarks.peers.result import Plan, Point, Visit
from benchmarks.peers.server import FOLDER

FILE = FOLDER / "journal.jsonl"
AGE_S = 6 * 3600  # what is older was measured on another day's machine
Entry = Plan | Point | Visit


class Journal:
    """A line for each thing measured, behind the plan that it belongs to. A server's lines are added at once."""

    def __init__(self, plan: Plan, file: Path = FILE, *, is_fresh: bool = False) -> None:
        self._file = file
        self.points: list[Point] = []
        self.visits: list[Visit] = []
        if is_fresh or not self._read(plan):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(msgspec.json.encode(plan) + b"\n")

    def has(self, server: str, round_: int) -> bool:
        """Whether a server's turn in a round is over."""
        return any((visit.server, visit.round) == (server, round_) for visit in self.visits)

    def add(self, visit: Visit, points: list[Point]) -> None:
        """Keep a server's turn."""
        lines = [msgspec.json.encode(entry) + b"\n" for entry in (*points, visit)]
        with self._file.open("ab") as file:
            file.write(b"".join(lines))
        self.points += points
        self.visits.append(visit)

    def close(self) -> None:
        """Everything is measured."""
        self._file.unlink(missing_ok=True)

    def _read(self, plan: Plan) -> bool:
        """Take up what is there, if it was measured by the same plan, not long ago."""
        if not self._file.exists() or time.time() - self._file.stat().st_mtime > AGE_S:
            return False
        found, *entries = [msgspec.json.decode(line, type=Entry) for line in self._file.read_bytes().splitlines()]
        if found != plan:
            return False
        self.points = [entry for entry in entries if isinstance(entry, Point)]
        self.visits = [entry for entry in entries if isinstance(entry, Visit)]
        return True
