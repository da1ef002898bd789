"""Results as a run leaves them, small enough to be read."""

from typing import Any

from benchmarks.peers.result import Plan, Point, Results, Server, Visit


def point(server: str, per_second: float, **fields: Any) -> Point:
    """One row of iris over REST at 64 connections, unless said otherwise."""
    usual: dict[str, Any] = {
        "case": "iris",
        "protocol": "seldon REST",
        "is_grpc": False,
        "rows": 1,
        "connections": 64,
        "p50_ms": 2.0,
        "p99_ms": 5.0,
        "errors": 0,
        "server_us": 60.0,
        "generator_us": 20.0,
    }
    return Point(server=server, per_second=per_second, **{**usual, **fields})


def results(*points: Point, visits: tuple[Visit, ...] = (), skipped: dict[str, str] | None = None) -> Results:
    """Servers whose name begins with ours are ours."""
    names = {point.server for point in points} | {visit.server for visit in visits}
    return Results(
        date="2026-01-31",
        machine={
            "processor": "A Processor",
            "cores": "2",
            "memory": "8 GiB",
            "system": "Linux 6",
            "python": "3.11.7",
            "wrk": "wrk 4.1.0",
            "h2load": "h2load 1.52",
        },
        plan=Plan(rounds=3, seconds=1.5, is_quick=False, servers=tuple(sorted(names)), commit="abc1234"),
        is_complete=True,
        model_call_us=100.0,
        servers={
            name: Server(is_ours=name.startswith("infergraph"), settings="the best", versions={"numpy": "2.0"})
            for name in sorted(names)
        },
        skipped=skipped or {},
        visits=visits,
        points=points,
    )
