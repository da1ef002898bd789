"""What was measured, and the file that it is kept in."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

FILE = Path(__file__).parent / "results.json"


class Point(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One interface under one load: of one round, or the median of all rounds."""

    server: str
    case: str
    protocol: str
    is_grpc: bool
    rows: int
    connections: int
    round: int = 0
    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int
    server_us: float  # CPU time of the server's processes for one request
    generator_us: float  # CPU time of the load generator for one request
    rounds_per_second: tuple[float, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, int, int]:
        return self.server, self.case, self.protocol, self.rows, self.connections


class Visit(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One start of a server."""

    server: str
    round: int = 0
    start_s: float | None = None  # until its first right answer
    idle_mb: float | None = None
    loaded_mb: float | None = None
    failures: Mapping[str, str] = {}  # what could not be measured, and why


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """What served."""

    is_ours: bool
    settings: str
    versions: Mapping[str, str]


class Plan(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """How it was measured. Visits of one plan may be added to each other."""

    rounds: int
    seconds: float
    is_quick: bool  # fewer loads
    servers: tuple[str, ...]
    commit: str


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that tables, chart and aims are made from."""

    date: str
    machine: Mapping[str, str]
    plan: Plan
    is_complete: bool
    model_call_us: float  # predict_proba of one row, in a process that does nothing else
    servers: Mapping[str, Server]
    skipped: Mapping[str, str]  # servers that were not started, and why
    visits: tuple[Visit, ...]
    points: tuple[Point, ...]

    def find(self, server: str, case: str, protocol: str, connections: int, rows: int = 1) -> Point | None:
        """One point, if it was measured."""
        key = (server, case, protocol, rows, connections)
        return next((point for point in self.points if point.key == key), None)


def medians(points: Iterable[Point]) -> list[Point]:
    """One point for each load, the median of its rounds; errors are added up. In the order of the first round."""
    groups: dict[tuple[str, str, str, int, int], list[Point]] = {}
    for point in points:
        groups.setdefault(point.key, []).append(point)
    return [_median(group) for group in groups.values()]


def _median(group: Sequence[Point]) -> Point:
    fields = ("per_second", "p50_ms", "p99_ms", "server_us", "generator_us")
    middle = {name: round(statistics.median(getattr(point, name) for point in group), 3) for name in fields}
    rates = tuple(round(point.per_second, 1) for point in group)
    errors = sum(point.errors for point in group)
    return msgspec.structs.replace(group[0], round=0, errors=errors, rounds_per_second=rates, **middle)


def median_visits(visits: Iterable[Visit]) -> list[Visit]:
    """One visit for each server: medians, and every failure."""
    groups: dict[str, list[Visit]] = {}
    for visit in visits:
        groups.setdefault(visit.server, []).append(visit)
    return [_median_visit(name, group) for name, group in groups.items()]


def _median_visit(name: str, group: Sequence[Visit]) -> Visit:
    def middle(field: str) -> float | None:
        found = [value for visit in group if (value := getattr(visit, field)) is not None]
        return round(statistics.median(found), 2) if found else None

    failures = {what: why for visit in group for what, why in visit.failures.items()}
    return Visit(
        server=name,
        start_s=middle("start_s"),
        idle_mb=middle("idle_mb"),
        loaded_mb=middle("loaded_mb"),
        failures=failures,
    )


def read(file: Path = FILE) -> Results:
    """What was measured and kept."""
    return msgspec.json.decode(file.read_bytes(), type=Results)


def write(results: Results, file: Path) -> None:
    """Keep it, in a form that shows well in a diff."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")
