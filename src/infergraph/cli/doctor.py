"""`infergraph doctor`: what an artifact is, whether it will load here, and what to do."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich.console import Console

from infergraph.cli.download_bar import DownloadBar
from infergraph.errors import InferGraphError
from infergraph.telemetry.logs import configure_logs

if TYPE_CHECKING:
    from infergraph.runtimes.inspection.report import Report

LOADS, FAILS, MAY_FAIL, DANGEROUS = 0, 1, 3, 4


@click.command()
@click.argument("artifact", metavar="URI|DIR|FILE")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object for machines.")
@click.pass_context
def doctor(context: click.Context, artifact: str, *, as_json: bool) -> None:
    """Say what a model is, what it needs, whether it will load here, and what is dangerous in it.

    The files are read, and never loaded: a pickle's opcodes are followed without doing what they say, so that nothing
    in it runs. What is fetched stays in the cache, where `infergraph run` finds it.

    Exit code 0 when it will load, 1 when it will not or nothing is there, 3 when it may not (it was made with another
    version), 4 when it does what no model has to do, such as starting a program.

    \b
    Examples:
      infergraph doctor ./model.joblib
      infergraph doctor s3://models/iris --json
    """
    from infergraph.cli.doctor_text import show
    from infergraph.runtimes.inspection.artifact import examine

    try:
        report = examine(_obtained(artifact))
    except InferGraphError as error:
        click.echo(f"infergraph: {error}", err=True)
        context.exit(FAILS)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(_machine_form(report)), indent=2))
    else:
        show(report)
    context.exit(exit_code(report))


def exit_code(report: "Report") -> int:
    """Return what scripts see: the danger goes before everything else."""
    if report.is_dangerous:
        return DANGEROUS
    return {"loads": LOADS, "may-fail": MAY_FAIL, "fails": FAILS}[report.verdict]


def _obtained(uri: str) -> Path:
    from infergraph.artifacts.fetch import Order
    from infergraph.artifacts.obtain import obtain

    with DownloadBar(Console(stderr=True, highlight=False, soft_wrap=True)) as bar:
        configure_logs(show=bar.show)
        return obtain(uri, folder=Path.cwd(), artifacts={}, order=Order())


def _machine_form(report: "Report") -> dict[str, object]:
    from infergraph.runtimes.inspection.report import pip_install

    install = pip_install(report.requirements) if report.requirements else None
    return {
        "verdict": report.verdict,
        **msgspec.to_builtins(report),
        "install": install,
        "exit_code": exit_code(report),
    }
