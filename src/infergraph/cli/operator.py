"""``infergraph operator``: keep a cluster as the SeldonDeployments in it declare."""

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from infergraph.cli.operator_options import election_options, webhook_options
from infergraph.errors import InferGraphError, SetupError

if TYPE_CHECKING:
    from infergraph.kubernetes.operator.main import Options

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
@election_options
@webhook_options
@click.option(
    "--print-rbac", is_flag=True, help="Print the roles that these options need, as YAML, and do nothing else."
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
      infergraph operator --lease infergraph-operator --webhook-port 4443 --metrics-port 8080
      infergraph operator --print-rbac | kubectl apply -f -
    """
    try:
        _run(options)
    except InferGraphError as error:
        click.echo(f"infergraph: {error}", err=True)
        context.exit(1)


def _run(options: dict[str, Any]) -> None:
    from infergraph.cli.operator_options import run_options
    from infergraph.telemetry.logs import configure_logs

    try:
        from infergraph.kubernetes.operator.main import main
    except ModuleNotFoundError as error:
        how = "pip install 'infergraph[operator]' brings it"
        raise SetupError(f"the operator needs {error.name}, which is not installed; {how}") from None

    chosen = run_options(options)
    if options["print_rbac"]:
        click.echo(_roles(chosen), nl=False)
        return
    configure_logs(level=options["log_level"].upper())
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # it tells of every call
    asyncio.run(main(chosen))


def _roles(chosen: "Options") -> str:
    from infergraph.kubernetes.permissions import roles
    from infergraph.kubernetes.yaml_text import yaml_text

    return yaml_text(roles(chosen.permissions(), chosen.names, namespaces=chosen.scope.namespaces))
