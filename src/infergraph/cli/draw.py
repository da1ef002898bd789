"""``infergraph draw``: a picture of a manifest's inference graph."""

from collections.abc import Sequence
from pathlib import Path

import click

from infergraph.declaration import SeldonDeployment, read_manifests
from infergraph.errors import BadManifest
from infergraph.servers.picture import graph_svg


@click.command()
@click.argument("file", metavar="FILE")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the SVG to this file.")
@click.option("--name", help="Which deployment to draw, when FILE has several: NAME or NAMESPACE/NAME.")
@click.pass_context
def draw(context: click.Context, file: str, output: Path | None, name: str | None) -> None:
    """Draw the inference graph of a SeldonDeployment as an SVG.

    FILE is a YAML or JSON file, a folder, or - for standard input. Nothing is started, and no model is loaded. Exit
    code 1 when the manifest has problems.

    \b
    Example:
      infergraph draw iris.yaml -o iris.svg
    """
    try:
        svg = graph_svg(_chosen([manifest.deployment for manifest in read_manifests([file])], name))
    except BadManifest as error:
        click.echo(str(error), err=True)
        context.exit(1)
    if output is None:
        click.echo(svg, nl=False)
    else:
        _write(output, svg)


def _chosen(deployments: Sequence[SeldonDeployment], name: str | None) -> SeldonDeployment:
    """The one deployment that is meant.

    :raises BadManifest: when none or several have the name.
    """
    names = [f"{deployment.namespace}/{deployment.name}" for deployment in deployments]
    fitting = [
        deployment
        for deployment, full in zip(deployments, names, strict=True)
        if name is None or name in (full, deployment.name)
    ]
    if len(fitting) == 1:
        return fitting[0]
    asked = "one deployment" if name is None else f"one deployment called {name}"
    raise BadManifest(f"expected {asked}, there are {', '.join(names)}; choose one with --name NAMESPACE/NAME")


def _write(output: Path, svg: str) -> None:
    try:
        output.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from error
