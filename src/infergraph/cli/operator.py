"""``infergraph operator``: keep a cluster as the SeldonDeployments in it declare."""

import asyncio
import os
from pathlib import Path
from typing import Any

import click

from infergraph.errors import InferGraphError, SetupError

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@click.command()
@click.option(
    "--settings",
    "settings_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="INFERGRAPH_SETTINGS",
    show_envvar=True,
    help="What is the same for all deployments: image, ingress, numbers; as `infergraph render` takes it.",
)
@click.option(
    "--seldon-config",
    type=click.Path(path_type=Path),
    metavar="PATH",
    envvar="INFERGRAPH_SELDON_CONFIG",
    show_envvar=True,
    help="The config map of Seldon Core v1: its folder where a pod mounts it, or a file. So are the variables that its "
    "manager has, such as ISTIO_ENABLED, taken; --settings goes before all of them.",
)
@click.option(
    "--namespace",
    "-n",
    "namespaces",
    multiple=True,
    envvar="WATCH_NAMESPACE",
    show_envvar=True,
    help="Look after the deployments of this namespace only. Repeatable.  [default: all namespaces]",
)
@click.option("--all-namespaces", "-A", is_flag=True, help="Look after all namespaces, whatever WATCH_NAMESPACE says.")
@click.option(
    "--controller-id",
    default="",
    envvar="CONTROLLER_ID",
    show_envvar=True,
    help="Look after deployments with this label `seldon.io/controller-id`.  [default: those without the label]",
)
@click.option("--workers", default=8, show_default=True, type=click.IntRange(1, 64), help="Deployments at a time.")
@click.option(
    "--kubeconfig",
    default="",
    envvar="KUBECONFIG",
    metavar="FILE",
    help="Cluster to connect to.  [default: the one that this pod runs in, else ~/.kube/config]",
)
@click.option("--context", "context_name", default="", help="Context of the kubeconfig.  [default: its current one]")
@click.option(
    "--log-level",
    default="INFO",
    show_default=True,
    envvar="INFERGRAPH_LOG_LEVEL",
    type=click.Choice(LEVELS, case_sensitive=False),
    help="The least level of what is logged.",
)
@click.pass_context
def operator(context: click.Context, /, **options: Any) -> None:
    """Keep a cluster as the SeldonDeployments in it declare: apply, prune and report, for as long as it runs.

    New Deployments are ready before old ones go; what runs is left running when a manifest has a problem, and the
    deployment's status says what the problem is. Two operators share a cluster by namespaces, or by controller ids.

    \b
    Examples:
      infergraph operator
      infergraph operator --settings cluster.yaml --namespace models
    """
    try:
        _run(options)
    except InferGraphError as error:
        click.echo(f"infergraph: {error}", err=True)
        context.exit(1)


def _run(options: dict[str, Any]) -> None:
    from infergraph.cli.settings_file import read_settings
    from infergraph.telemetry.logs import configure_logs

    try:
        from infergraph.kubernetes.operator.main import Options, main
        from infergraph.kubernetes.operator.operator import Scope
    except ModuleNotFoundError as error:
        how = "pip install 'infergraph[operator]' brings it"
        raise SetupError(f"the operator needs {error.name}, which is not installed; {how}") from None

    configure_logs(level=options["log_level"].upper())
    names = () if options["all_namespaces"] else options["namespaces"]
    asyncio.run(
        main(
            Options(
                settings=read_settings(
                    options["settings_path"], seldon_config=options["seldon_config"], environment=os.environ
                ),
                scope=Scope(namespaces=tuple(names), controller_id=options["controller_id"]),
                workers=options["workers"],
                kubeconfig=options["kubeconfig"],
                context=options["context_name"],
            )
        )
    )
