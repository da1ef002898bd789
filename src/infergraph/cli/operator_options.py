"""Options of `infergraph operator` about its replicas, its webhook and its ports."""

import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import click

from infergraph.errors import SetupError

if TYPE_CHECKING:
    from infergraph.kubernetes.operator.main import Election, Options, WebhookOptions
    from infergraph.kubernetes.permissions import Names

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
_PORT: Final = click.IntRange(0, 65535)

_ELECTION: Final = (
    click.option(
        "--lease",
        default="",
        metavar="NAME",
        help="Several operators elect by this Lease the one that writes.  [default: it is the only one]",
    ),
    click.option(
        "--lease-duration-s",
        default=15.0,
        show_default=True,
        type=click.FloatRange(min=1),
        help="How long the others wait for a leader that says nothing.",
    ),
    click.option(
        "--renew-deadline-s",
        default=10.0,
        show_default=True,
        type=click.FloatRange(min=0.1),
        help="After how long a leader that cannot renew its lease stops, and the process with it.",
    ),
    click.option(
        "--retry-period-s",
        default=2.0,
        show_default=True,
        type=click.FloatRange(min=0.1),
        help="How often each one tries.",
    ),
    click.option(
        "--operator-namespace",
        default="default",
        show_default=True,
        envvar="POD_NAMESPACE",
        show_envvar=True,
        help="Where the lease and the webhook's secret are.",
    ),
    click.option(
        "--service-account", default="infergraph-operator", show_default=True, help="Who gets what --print-rbac grants."
    ),
)
_WEBHOOK: Final = (
    click.option(
        "--metrics-port",
        type=_PORT,
        help="Tell metrics at /metrics, health at /healthz and /readyz.  [default: nowhere]",
    ),
    click.option(
        "--host",
        default="",
        metavar="ADDRESS",
        help="Address to listen on.  [default: all in a pod, else 127.0.0.1]",
    ),
    click.option(
        "--webhook-port",
        type=_PORT,
        help="Answer the API server over HTTPS whether a SeldonDeployment is good.  [default: it is not asked]",
    ),
    click.option("--no-webhook", is_flag=True, help="Do not, whatever --webhook-port says."),
    click.option(
        "--webhook-service",
        default="infergraph-webhook",
        show_default=True,
        metavar="NAME",
        help="The Service by which the API server calls the webhook.",
    ),
    click.option(
        "--webhook-host",
        "webhook_hosts",
        multiple=True,
        metavar="NAME",
        help="A host name or address by which it calls instead of by a Service. Repeatable.",
    ),
    click.option(
        "--webhook-secret",
        default="infergraph-webhook",
        show_default=True,
        metavar="NAME",
        help="The Secret that the webhook's certificates are kept in.",
    ),
    click.option(
        "--webhook-configuration",
        default="infergraph-operator",
        show_default=True,
        metavar="NAME",
        help="The ValidatingWebhookConfiguration that learns whom to trust.",
    ),
)


def election_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options about several operators."""
    return _added(_ELECTION, command)


def webhook_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options about the webhook and the ports."""
    return _added(_WEBHOOK, command)


def run_options(options: dict[str, Any]) -> "Options":
    """What the operator is told by the command line.

    The environment of a Seldon Core v1 manager says settings too.

    :raises SetupError: when the settings cannot be read, or the times of the election contradict each other.
    """
    from infergraph.cli.settings_file import read_settings
    from infergraph.kubernetes.operator.main import Options
    from infergraph.kubernetes.operator.operator import Scope

    namespaces = () if options["all_namespaces"] else tuple(options["namespaces"])
    return Options(
        settings=read_settings(
            options["settings_path"], seldon_config=options["seldon_config"], environment=os.environ
        ),
        scope=Scope(namespaces=namespaces, controller_id=options["controller_id"]),
        workers=options["workers"],
        kubeconfig=options["kubeconfig"],
        context=options["context_name"],
        names=_names(options),
        host=options["host"] or ("" if "KUBERNETES_SERVICE_HOST" in os.environ else "127.0.0.1"),
        election=_election(options),
        metrics_port=options["metrics_port"],
        webhook=_webhook(options),
    )


def _names(options: dict[str, Any]) -> "Names":
    from infergraph.kubernetes.permissions import Names

    return Names(
        namespace=options["operator_namespace"],
        service_account=options["service_account"],
        lease=options["lease"],
        secret=options["webhook_secret"],
        configuration=options["webhook_configuration"],
    )


def _election(options: dict[str, Any]) -> "Election | None":
    from infergraph.kubernetes.lease import Timing
    from infergraph.kubernetes.operator.main import Election

    if not options["lease"]:
        return None
    try:
        timing = Timing(
            lease_s=options["lease_duration_s"],
            renew_deadline_s=options["renew_deadline_s"],
            retry_s=options["retry_period_s"],
        )
    except ValueError as error:
        raise SetupError(f"--lease-duration-s, --renew-deadline-s, --retry-period-s: {error}") from None
    # A pod that comes back after a crash is another candidate than before it.
    return Election(identity=f"{os.environ.get('POD_NAME') or socket.gethostname()}_{uuid4().hex[:8]}", timing=timing)


def _webhook(options: dict[str, Any]) -> "WebhookOptions | None":
    from infergraph.kubernetes.operator.main import WebhookOptions
    from infergraph.kubernetes.webhook.webhook import service_names

    if options["webhook_port"] is None or options["no_webhook"]:
        return None
    names = tuple(options["webhook_hosts"]) or service_names(options["webhook_service"], options["operator_namespace"])
    return WebhookOptions(port=options["webhook_port"], names=names)


def _added(options: tuple[Decorator, ...], command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(options):
        command = option(command)
    return command
