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
@click.option(
    "--fix",
    "is_fixing",
    is_flag=True,
    help="Where it does not load or may not: make a virtual environment with what it needs, with uv or pip, and load "
    "it there. It is kept, and `infergraph run --fix` serves the model from it.",
)
@click.pass_context
def doctor(context: click.Context, artifact: str, *, as_json: bool, is_fixing: bool) -> None:
    """Say what a model is, what it needs, whether it will load here, and what is dangerous in it.

    The files are read, and never loaded: a pickle's opcodes are followed without doing what they say, so that nothing
    in it runs. What is fetched stays in the cache, where `infergraph run` finds it.

    Exit code 0 when it will load, 1 when it will not or nothing is there, 3 when it may not (it was made with another
    version), 4 when it does what no model has to do, such as starting a program. With --fix 0 also when it loads in
    the environment that was made for it.

    \b
    Examples:
      infergraph doctor ./model.joblib
      infergraph doctor s3://models/iris --json
      infergraph doctor ./model.joblib --fix
    """
    from infergraph.cli.doctor_text import show, show_fixed
    from infergraph.runtimes.inspection.artifact import examine

    environment: Path | None = None
    try:
        path = _obtained(artifact)
        report = examine(path)
        if not as_json:
            show(report)
        if is_fixing and not report.is_dangerous:
            environment = _fixed(report, path)
    except InferGraphError as error:
        click.echo(f"infergraph: {error}", err=True)
        context.exit(FAILS)
    if as_json:
        form = _machine_form(report, environment)
        click.echo(msgspec.json.format(msgspec.json.encode(form), indent=2))
    elif environment is not None:
        show_fixed(environment)
    context.exit(exit_code(report, environment))


def exit_code(report: "Report", environment: Path | None = None) -> int:
    """Return what scripts see: the danger goes before everything else."""
    if report.is_dangerous:
        return DANGEROUS
    if environment is not None:
        return LOADS
    return {"loads": LOADS, "may-fail": MAY_FAIL, "fails": FAILS}[report.verdict]


def _obtained(uri: str) -> Path:
    from infergraph.artifacts.fetch import Order
    from infergraph.artifacts.obtain import obtain

    with DownloadBar(Console(stderr=True, highlight=False, soft_wrap=True)) as bar:
        configure_logs(show=bar.show)
        return obtain(uri, folder=Path.cwd(), artifacts={}, order=Order())


def _fixed(report: "Report", path: Path) -> Path | None:
    """The environment in which it loads; None when it needs none, or none would help."""
    from infergraph.cli.console import Terminal
    from infergraph.local.isolated.fix import fix_for
    from infergraph.local.isolated.trial import loads_in

    fix = fix_for(report)
    if fix is None:
        return None
    terminal = Terminal(Console(stderr=True, highlight=False, soft_wrap=True))
    try:
        return loads_in(fix, path, report.server, configure_logs(show=terminal.show))
    finally:
        terminal.close()


def _machine_form(report: "Report", environment: Path | None) -> dict[str, object]:
    from infergraph.runtimes.inspection.report import pip_install

    return {
        "verdict": report.verdict,
        **msgspec.to_builtins(report),
        "install": pip_install(report.requirements) if report.requirements else None,
        "environment": None if environment is None else str(environment),
        "exit_code": exit_code(report, environment),
    }
