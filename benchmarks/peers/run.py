"""Every server in turn, again and again, under the same load: `make bench-peers`.

Each round starts, checks, measures and ends every server, one at a time. What was measured is kept after each turn: a
run that was interrupted goes on where it was.
"""

import shutil
import signal
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click
import joblib

from benchmarks.peers import environment, machine, result
from benchmarks.peers.asking import question
from benchmarks.peers.journal import Journal
from benchmarks.peers.measure import visit
from benchmarks.peers.ours import our_servers
from benchmarks.peers.peers import PEERS
from benchmarks.peers.processes import adopt_orphans
from benchmarks.peers.report import show
from benchmarks.peers.result import Plan, Results, median_visits, medians
from benchmarks.peers.server import FOLDER, OURS, Server

PACKAGES: tuple[str, ...] = (
    "infergraph",
    "mlserver",
    "seldon-core",
    "kserve",
    "bentoml",
    "litserve",
    "ray",
    "mlflow",
    "fastapi",
)
PACKAGES += ("uvicorn", "uvloop", "grpcio", "scikit-learn", "numpy")


def servers_to_measure(only: Sequence[str]) -> tuple[list[Server], dict[str, str]]:
    """The servers, each with its environment made, and those that are left out with the reason."""
    has_workers = "--workers" in machine.said(str(environment.folder(OURS) / "infergraph"), "run", "--help")
    servers, skipped = [], {}
    if not has_workers and not only:
        skipped["infergraph ×2"] = "infergraph run knows no --workers"
    for server in (*our_servers(has_workers=has_workers), *PEERS):
        if only and server.name not in only:
            continue
        try:
            environment.make(server.environment)
        except environment.NoEnvironment as error:
            skipped[server.name] = str(error)
        else:
            servers.append(server)
    return servers, skipped


def model_call_us() -> float:
    """The model's own call for one row, in a process that does nothing else: the median, in microseconds."""
    model, row = joblib.load(environment.models(OURS) / "model.joblib"), question("iris", 1)
    times = []
    for _ in range(2000):
        began = time.perf_counter()
        model.predict_proba(row)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e6


def measure(servers: Sequence[Server], plan: Plan, journal: Journal, end: float) -> bool:
    """All rounds, until the time is up: whether everything was measured."""
    for round_ in range(1, plan.rounds + 1):
        for server in servers:
            if journal.has(server.name, round_):
                continue
            if time.monotonic() > end:
                return False
            print(f"round {round_} of {plan.rounds}: {server.name} ({server.settings})", flush=True)
            began = time.monotonic()
            journal.add(*visit(server, round_, plan))
            print(f"  {time.monotonic() - began:.0f} s", flush=True)
    return True


def results_of(servers: Sequence[Server], plan: Plan, journal: Journal, skipped: dict[str, str]) -> Results:
    """What the journal holds, as it is kept."""
    return Results(
        date=datetime.now(UTC).date().isoformat(),
        machine=machine.facts(),
        plan=plan,
        is_complete=len(journal.visits) == plan.rounds * len(servers),
        model_call_us=round(model_call_us(), 1),
        servers={
            server.name: result.Server(
                is_ours=server.is_ours,
                settings=server.settings,
                versions=environment.versions(server.environment, PACKAGES),
            )
            for server in servers
        },
        skipped=skipped,
        visits=tuple(median_visits(journal.visits)),
        points=tuple(medians(journal.points)),
    )


@click.command()
@click.option("--quick", is_flag=True, help="One short round of fewer loads, to see that everything works.")
@click.option("--rounds", type=click.IntRange(1, 20), help="How often each server has its turn. [default: 3; quick: 1]")
@click.option("--seconds", type=click.FloatRange(0.2, 30), help="How long each load lasts. [default: 1.2; quick: 0.5]")
@click.option("--minutes", type=float, help="After so long, no further turn begins. [default: 25; quick: 6]")
@click.option("--only", multiple=True, metavar="SERVER", help="Measure this server only. Repeatable.")
@click.option("--fresh", is_flag=True, help="Do not go on with an interrupted run.")
@click.option("--output", type=click.Path(path_type=Path), help="Where the results go. [default: results.json here]")
def main(
    *,
    quick: bool,
    rounds: int | None,
    seconds: float | None,
    minutes: float | None,
    only: tuple[str, ...],
    fresh: bool,
    output: Path | None,
) -> None:
    """Measure InferGraph and its peers side by side.

    A quick run, and one of some servers only, is written to .peers/results.json and not to the file that is kept.
    """
    for tool, package in (("wrk", "wrk"), ("h2load", "nghttp2-client")):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is not installed; on Debian and Ubuntu: apt-get install {package}")
    signal.signal(signal.SIGTERM, leave)
    adopt_orphans()
    servers, skipped = servers_to_measure(only)
    for name, reason in skipped.items():
        print(f"left out: {name}: {reason}", flush=True)
    plan = Plan(
        rounds=rounds or (1 if quick else 3),
        seconds=seconds or (0.5 if quick else 1.2),
        is_quick=quick,
        servers=tuple(server.name for server in servers),
        commit=machine.commit(),
    )
    is_kept = not (quick or only)
    journal = Journal(plan, FOLDER / f"{'whole' if is_kept else 'part'}.jsonl", is_fresh=fresh)
    is_complete = measure(servers, plan, journal, time.monotonic() + (minutes or (6 if quick else 25)) * 60)
    file = output or (result.FILE if is_kept else FOLDER / "results.json")
    result.write(results_of(servers, plan, journal, skipped), file)
    show(result.read(file))
    print(f"written: {file}")
    if not is_complete:
        sys.exit("the time is up before everything was measured: run it again to go on")
    journal.close()


def leave(*_: object) -> NoReturn:
    """End as on Ctrl-C: whatever runs is ended first."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
