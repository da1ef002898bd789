"""`infergraph contract`: does a running component keep its contract?"""

import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import click
import msgspec
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infergraph.cli.inputs import input_of_file
from infergraph.contract import ENDPOINTS, BadContract, Contract, Finding, Trial, read_contract, try_contract
from infergraph.contract.endpoint import Question
from infergraph.contract.example import contract_of
from infergraph.errors import InferGraphError
from infergraph.payloads.payload import Encoding, Payload
from infergraph.payloads.seldon_json import encode_message

DEFAULT_URL = "http://127.0.0.1:8000"
PIPE_WIDTH = 160


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.argument("url", default=DEFAULT_URL)
@click.option(
    "--endpoint", type=click.Choice(list(ENDPOINTS)), default="predict", show_default=True, help="What to ask."
)
@click.option("--count", "-n", type=click.IntRange(1), default=20, show_default=True, help="Requests to send.")
@click.option("--batch", "-b", "rows", type=click.IntRange(1), default=1, show_default=True, help="Rows in each.")
@click.option("--seed", type=click.IntRange(0), help="Send the same values again.  [default: another each time]")
@click.option("--tensor", "-t", "is_tensor", is_flag=True, help="Send data.tensor in the place of data.ndarray.")
@click.option("--timeout", "timeout_s", type=click.FloatRange(0.001), default=60.0, show_default=True, help="Seconds.")
@click.option("--print", "-p", "prints", is_flag=True, help="Write every request and answer.")
@click.option("--from", "example", type=click.File("rb"), metavar="CSV", help="Write a contract of example rows.")
@click.option("--target", "targets", multiple=True, metavar="COLUMN", help="With --from: a column of the answer.")
def contract(
    file: Path | None, url: str, example: BinaryIO | None, targets: tuple[str, ...], *, prints: bool, **how: Any
) -> None:
    """Send requests that the contract in FILE allows to URL, and say what does not hold of the answers.

    A contract is a JSON file with features, which say what may be asked, and targets, which say what an answer must
    have: number of columns, types, ranges, categories. URL is a deployment or a microservice, http://host:port or
    grpc://host:port (default: http://127.0.0.1:8000), with /seldon/NAMESPACE/NAME where several deployments are served.
    Exit code 0 when everything holds, 1 when something does not or nothing answers, 2 for a contract that makes no
    sense.

    \b
    Examples:
      infergraph contract contract.json
      infergraph contract contract.json grpc://127.0.0.1:5000 --endpoint transform-input --count 100 --batch 10
      infergraph contract --from iris.csv --target species > contract.json
    """
    context = click.get_current_context()
    try:
        if example is not None:
            _write(example, targets)
            return
        if file is None:
            raise click.UsageError("Give the FILE of a contract, or --from a CSV file to write one")
        findings = _try(read_contract(file), url, prints=prints, **how)
    except BadContract as error:
        click.echo(f"infergraph: {error}", err=True)
        context.exit(2)
    except InferGraphError as error:
        click.echo(f"infergraph: {error}", err=True)
        context.exit(1)
    context.exit(1 if findings else 0)


def _try(found: Contract, url: str, *, prints: bool, is_tensor: bool, seed: int | None, **how: Any) -> list[Finding]:
    encoding = Encoding.TENSOR if is_tensor else Encoding.NDARRAY
    seed = random.randrange(2**32) if seed is None else seed  # noqa: S311 - not for secrets
    trial = Trial(contract=found, url=url, encoding=encoding, seed=seed, **how)
    findings = try_contract(trial, *([_print] if prints else []))
    asked = f"{trial.count} request{'s' * (trial.count > 1)} with {trial.rows} row{'s' * (trial.rows > 1)} each"
    if findings:
        _console().print(_table(findings))
        click.echo(f"{asked}: {len(findings)} expectation{'s' * (len(findings) > 1)} not met (--seed {seed})")
    else:
        click.echo(f"{asked}: everything holds (--seed {seed})")
    return findings


def _write(example: BinaryIO, targets: Sequence[str]) -> None:
    given = input_of_file(example)
    if given.names is None:
        raise click.UsageError("--from: the first row of the CSV file has to name the columns")
    written = contract_of(given.names, given.data, targets)
    click.echo(msgspec.json.format(msgspec.json.encode(written), indent=2))


def _print(number: int, question: Question, answer: Payload | None) -> None:
    click.echo(f"request {number}: {question.as_json().decode()}")
    click.echo(f"answer {number}: {encode_message(answer).decode() if answer else 'none'}")


def _table(findings: Sequence[Finding]) -> Table:
    table = Table("expected", "found", "target", "where", "times", box=box.SIMPLE)
    for finding in findings:
        words = (finding.expectation, finding.found, finding.column, finding.where, str(finding.times))
        table.add_row(*map(escape, words))
    return table


def _console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
