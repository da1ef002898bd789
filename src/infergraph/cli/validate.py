"""``infergraph validate``: what is wrong with a manifest, before anything is started."""

import click

from infergraph.declaration import KNOWN_SERVERS, Manifest, Reading, Skipped, inspect_manifests


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--server",
    "servers",
    multiple=True,
    metavar="NAME",
    help="A prepackaged server of your own, as `infergraph run` takes it. Repeatable.",
)
@click.pass_context
def validate(context: click.Context, files: tuple[str, ...], servers: tuple[str, ...]) -> None:
    """Check manifests and say everything that is wrong with them.

    FILE is a YAML or JSON file, a folder (all its .yaml, .yml and .json files), or - for standard input. Nothing is
    started, and no model is loaded. Exit code 0 when every SeldonDeployment is valid, 1 when there is a problem.

    \b
    Example:
      infergraph validate iris.yaml
      iris.yaml: SeldonDeployment default/iris is valid
    """
    reading = inspect_manifests(files, servers=KNOWN_SERVERS | {name.partition("=")[0] for name in servers})
    for skipped in reading.skipped:
        click.echo(_note(skipped), err=True)
    for manifest in reading.manifests:
        click.echo(_valid(manifest))
    if reading.problems:
        _print_problems(reading)
        context.exit(1)


def _print_problems(reading: Reading) -> None:
    for problem in reading.problems:
        first, *hint = str(problem).split("\n")
        click.secho(first, err=True, bold=True)
        for line in hint:
            click.echo(line, err=True)
    count = len(reading.problems)
    click.echo(f"{count} problem{'' if count == 1 else 's'} found", err=True)


def _valid(manifest: Manifest) -> str:
    deployment = manifest.deployment
    return f"{manifest.path}: SeldonDeployment {deployment.namespace}/{deployment.name} is valid"


def _note(skipped: Skipped) -> str:
    what = f"{skipped.kind} {skipped.name}".strip()
    return f"{skipped.file}:{skipped.line}: skipped {what}: it is no SeldonDeployment"
