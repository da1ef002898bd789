"""``infergraph crd``: what makes a cluster know SeldonDeployments."""

import click


@click.command()
def crd() -> None:
    """Print the CustomResourceDefinition of SeldonDeployment, made from the types that read manifests.

    A cluster that has Seldon Core v1's keeps its objects when this one takes its place.

    \b
    Example:
      infergraph crd | kubectl apply --server-side -f -
    """
    from infergraph.kubernetes.crd import definition
    from infergraph.kubernetes.yaml_text import yaml_text

    click.echo(yaml_text([definition()]), nl=False)
