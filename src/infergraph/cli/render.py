"""``infergraph render``: the objects that a deployment is on a cluster, as YAML."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from infergraph.cli.settings_file import read_settings
from infergraph.errors import BadManifest, InferGraphError

if TYPE_CHECKING:
    from infergraph.declaration import Manifest
    from infergraph.kubernetes.objects import Settings


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--namespace", "-n", help="Of deployments that name none.  [default: default]")
@click.option(
    "--settings",
    "settings_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What is the same for all deployments of a cluster: image, ingress, versions of APIs (docs/kubernetes.md). "
    "A ConfigMap is taken too: the operator's, or the seldon-config of Seldon Core v1.",
)
@click.pass_context
def render(context: click.Context, files: tuple[str, ...], namespace: str | None, settings_path: Path | None) -> None:
    """Print the Kubernetes objects of deployments: what the operator applies, for a repository of manifests.

    FILE is a YAML or JSON file, a folder (all its .yaml, .yml and .json files), or - for standard input. The same files
    give the same YAML, to the byte. No cluster is asked. Exit code 1, and nothing on standard output, when a deployment
    has a problem.

    \b
    Examples:
      infergraph render iris.yaml | kubectl apply --server-side -f -
      infergraph render deployments/ --namespace models --settings cluster.yaml > rendered.yaml
    """
    try:
        text = rendered(files, namespace, read_settings(settings_path))
    except InferGraphError as error:
        click.echo(f"infergraph: {error}", err=True)
        context.exit(1)
    click.echo(text, nl=False)


def rendered(files: Sequence[str], namespace: str | None, settings: "Settings") -> str:
    """The objects of every deployment in the files.

    :raises SetupError: when a file cannot be read, or a deployment has problems.
    """
    from infergraph.declaration import read_manifests
    from infergraph.kubernetes.yaml_text import yaml_text

    manifests = read_manifests(files, servers=settings.known_servers)
    return yaml_text([one for manifest in manifests for one in _objects(manifest, namespace, settings)])


def _objects(manifest: "Manifest", namespace: str | None, settings: "Settings") -> list[dict[str, Any]]:
    from msgspec.structs import replace

    from infergraph.kubernetes.objects import objects
    from infergraph.kubernetes.objects.left_out import left_out

    deployment = manifest.deployment
    if namespace and not deployment.metadata.namespace:
        deployment = replace(deployment, metadata=replace(deployment.metadata, namespace=namespace))
    for sentence in left_out(deployment):
        click.echo(f"{manifest.path}: SeldonDeployment {deployment.name}: {sentence}", err=True)
    try:
        return objects(deployment, settings)
    except BadManifest as error:
        raise BadManifest(f"{manifest.path}: SeldonDeployment {deployment.name}: {error}") from None
