"""`infergraph predict`: ask a running deployment."""

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

import click
import msgspec
from rich.console import Console
from rich.progress import Progress

from infergraph.cli.answers import Answers, Output, write
from infergraph.cli.inputs import Input, input_of_file, input_of_text
from infergraph.client import Client, ClientError, Result, Timeouts


class Asked(msgspec.Struct, frozen=True):
    """How to ask: how often, and in pieces of how many rows."""

    repeat: int = 1
    batch_rows: int | None = None


def _headers(_context: click.Context, _parameter: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    pairs = [value.partition(":") for value in values]
    for name, divider, _ in pairs:
        if not (name.strip() and divider):
            raise click.BadParameter(f"expected 'Name: value', got {name!r}")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _names(_context: click.Context, _parameter: click.Parameter, value: str | None) -> list[str] | None:
    return None if value is None else [name.strip() for name in value.split(",")]


@click.command()
@click.argument("url")
@click.option("--data", "-d", metavar="JSON", help="What to ask: a SeldonMessage, a v2 request, or bare lists.")
@click.option(
    "--file",
    "-f",
    "file",
    type=click.File("rb"),
    help="Ask what a file holds: .json, .csv, .npy or .parquet (needs pandas); - is standard input.",
)
@click.option("--names", callback=_names, metavar="A,B,...", help="Names of the columns.")
@click.option(
    "--output",
    "-o",
    type=click.Choice([kind.value for kind in Output]),
    help="How to write the answer.  [default: table on a terminal, json on a pipe]",
)
@click.option("--grpc", "is_grpc", is_flag=True, help="Speak gRPC, as with grpc://host:port.")
@click.option("--repeat", type=click.IntRange(1), default=1, help="Ask N times, and say how long it took.")
@click.option("--batch-rows", type=click.IntRange(1), metavar="N", help="Send N rows at a time.")
@click.option(
    "--header", "-H", "headers", multiple=True, callback=_headers, metavar="'NAME: VALUE'", help="Repeatable."
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds for each request.",
)
def predict(
    url: str,
    data: str | None,
    file: BinaryIO | None,
    names: list[str] | None,
    output: str | None,
    **how: Any,
) -> None:
    """Ask the deployment at URL for a prediction.

    URL is http://host:port or grpc://host:port, with /seldon/NAMESPACE/NAME where several deployments are served.
    The first row of a CSV file names the columns, unless it holds numbers only. Exit code 0, or 1 when the server
    refuses or fails, with its own sentence, or 2 for a command that makes no sense.

    \b
    Examples:
      infergraph predict http://127.0.0.1:8000 --data '[[5.1, 3.5, 1.4, 0.2]]'
      infergraph predict http://127.0.0.1:8000 --file rows.csv --batch-rows 1000 --output csv
      infergraph predict grpc://127.0.0.1:5001 --file tensor.npy --repeat 100
    """
    given = _given(data, file, names)
    shown = Output(output) if output else Output.TABLE if sys.stdout.isatty() else Output.JSON
    if shown is Output.NPY and sys.stdout.isatty():
        raise click.UsageError("--output npy writes bytes: send them to a file, infergraph predict ... > answer.npy")
    try:
        with _client(url, **how) as client:
            answers = _ask(client, given, Asked(how["repeat"], how["batch_rows"]))
        write(answers, shown)
    except ClientError as error:
        click.echo(f"infergraph: {error}{_details(error)}", err=True)
        click.get_current_context().exit(1)


def _client(url: str, *, is_grpc: bool, headers: dict[str, str], timeout: float, **_: Any) -> Client:
    return Client(_address(url, is_grpc=is_grpc), timeouts=Timeouts(total_s=timeout), headers=headers)


def _given(data: str | None, file: BinaryIO | None, names: list[str] | None) -> Input:
    if (data is None) == (file is None):
        raise click.UsageError("Give either --data or --file")
    given = input_of_text(data) if data is not None else input_of_file(file) if file is not None else None
    assert given is not None  # noqa: S101 - one of them is there
    return given if names is None else msgspec.structs.replace(given, names=names)


def _address(url: str, *, is_grpc: bool) -> str:
    if not is_grpc:
        return url
    return "grpc://" + url.removeprefix("grpc://").removeprefix("http://")


def _ask(client: Client, given: Input, asked: Asked) -> Answers:
    pieces = given.pieces(asked.batch_rows)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("asking", total=len(pieces) * asked.repeat, visible=len(pieces) * asked.repeat > 1)
        durations: list[float] = []
        for _ in range(asked.repeat):
            results = [_one(client, piece, durations, lambda: progress.advance(task)) for piece in pieces]
    if asked.repeat > 1:
        click.echo(summary(durations), err=True)
    return Answers(results)


def _one(client: Client, piece: Input, durations: list[float], advance: Callable[[], Any]) -> Result:
    begin = time.perf_counter()
    result = client.predict(piece.data, piece.names)
    durations.append(time.perf_counter() - begin)
    advance()
    return result


def summary(durations: Sequence[float]) -> str:
    """The latencies in a line; the 99th percentile is the smallest that at least 99 of 100 requests were within."""
    ordered = sorted(durations)
    p99 = ordered[-(-99 * len(ordered) // 100) - 1]
    times = {"min": ordered[0], "median": ordered[len(ordered) // 2], "p99": p99}
    said = "  ".join(f"{name} {1000 * value:.2f} ms" for name, value in times.items())
    return f"{len(ordered)} requests  {said}  {len(ordered) / sum(ordered):.0f} requests/s"


def _details(error: ClientError) -> str:
    """What the server said beside its sentence."""
    known = {name: getattr(error, name, "") for name in ("status", "reason", "unit", "puid")}
    said = ", ".join(f"{name} {value}" for name, value in known.items() if value)
    return f" ({said})" if said else ""
