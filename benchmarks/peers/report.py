"""The page and the chart of a result file: `make bench-report`. Nothing is measured here."""

import subprocess
from pathlib import Path

import click

from benchmarks.peers import environment, tables
from benchmarks.peers.aims import aims
from benchmarks.peers.result import FILE, Results, read
from benchmarks.peers.server import ROOT
from benchmarks.peers.tables import connections, load_table, of_case

CHART = Path(__file__).parent / "chart.py"
PAGE = """\
# Benchmarks

InferGraph and other servers, side by side: the same scikit-learn LogisticRegression on iris, `predict_proba`, each
server at the best of its documented settings for two cores, one at a time, under the same load. Every answer was
compared with the model's own before it was measured.

![Predictions per second, one row, 64 connections](benchmarks.svg)

{machine}

The load generator shares the cores with the server: compare figures of this page with each other, not with other
machines'. [benchmarks/README.md](../benchmarks/README.md) says how to run it and what each number means. A cell holds
requests per second, and in brackets p50 / p99 in milliseconds. Sorted by speed; our losses are marked {loss}.

## REST, one row

{rest}

## REST, more rows in a request, 16 connections

{rows}

## gRPC

{grpc}

## A tensor of 1×150,528 floats through an identity model

`raw copy` and `raw bytes` are written by hand, and know nothing but bytes.

{identity}

## A graph of three units

A transformer, the model and an output transformer, the same three Python classes: fused in one process by InferGraph,
and as three microservices of seldon-core 1.17.1, called one after the other by a small asynchronous orchestrator that
stands in for upstream's engine, which is written in Go. `infergraph class` is the model's class alone, `infergraph
identity` a component that answers what it was asked, under the same message.

{graph}

## Start and memory

Memory is the proportional set size of all processes of a server together.

{visits}

## Aims

{aims}

## Not measured

{failures}

## Versions

{versions}
"""


def page(results: Results) -> str:
    """All tables of a result file."""
    return PAGE.format(
        loss=tables.LOSS,
        machine=_machine(results),
        rest=load_table(
            results,
            [point for point in of_case(results, "iris", is_grpc=False) if point.rows == 1],
            [(1, 1), (1, 16), (1, 64), (1, 256)],
            connections(1, 16, 64, 256),
        ),
        rows=load_table(
            results,
            [point for point in of_case(results, "iris", is_grpc=False) if point.connections == 16],
            [(1, 16), (100, 16), (1000, 16)],
            ["1 row", "100 rows", "1000 rows"],
        ),
        grpc=load_table(
            results,
            of_case(results, "iris", is_grpc=True),
            [(1, 1), (1, 16), (1, 64), (1000, 16)],
            [*connections(1, 16, 64), "1000 rows, 16 connections"],
        ),
        identity=load_table(results, of_case(results, "identity"), [(1, 1), (1, 8)], connections(1, 8)),
        graph=load_table(
            results, of_case(results, "graph", "class", "echo"), [(1, 1), (1, 16), (1, 64)], connections(1, 16, 64)
        ),
        visits=tables.visit_table(results),
        aims=tables.aim_table(aims(results)),
        failures=tables.failure_list(results),
        versions=_versions(results),
    )


def show(results: Results) -> None:
    """What a run ends with on the terminal: each aim, and what failed."""
    print(f"\nraw model call: {results.model_call_us:.0f} µs")
    for aim in aims(results):
        bound = f"{'<=' if aim.is_ceiling else '>='} {aim.bound:g}"
        figure = "-" if aim.figure is None else f"{aim.figure:.2f}"
        print(f"{aim.verdict:<13} {figure:>7} ({bound:>7})  {aim.text}{f': {aim.how}' if aim.how else ''}")
    print(f"\nnot measured:\n{tables.failure_list(results)}\n")


def _machine(results: Results) -> str:
    facts = results.machine
    plan = results.plan
    rounds = f"{plan.rounds} rounds, each load {plan.seconds:g} s after a warm-up, the median of the rounds"
    return (
        f"{results.date}, commit {plan.commit}: {facts['processor']}, {facts['cores']} cores, {facts['memory']}, "
        f"{facts['system']}, Python {facts['python']}; {rounds}. One call of the model itself, for one row: "
        f"{results.model_call_us:.0f} µs." + ("" if results.is_complete else " **This run is not complete.**")
    )


def _versions(results: Results) -> str:
    seen: dict[str, list[str]] = {}
    for name, server in results.servers.items():
        said = ", ".join(f"{package} {version}" for package, version in server.versions.items())
        seen.setdefault(said, []).append(name)
    return "\n".join(f"- {', '.join(names)}: {said}" for said, names in seen.items())


@click.command()
@click.option("--results", "file", default=FILE, type=click.Path(path_type=Path), help="The result file.")
@click.option(
    "--folder", default=ROOT / "docs", type=click.Path(path_type=Path), help="Where benchmarks.md, .svg and .png go."
)
def main(*, file: Path, folder: Path) -> None:
    """Make the page and the chart from a result file."""
    results = read(file)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "benchmarks.md").write_text(page(results))
    environment.make("chart")
    python = environment.folder("chart") / "python"
    subprocess.run([str(python), str(CHART), str(file), str(folder / "benchmarks")], check=True, timeout=120)
    show(results)
    print(f"written: {folder}/benchmarks.md, .svg, .png")


if __name__ == "__main__":
    main()
