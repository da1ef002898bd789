"""`infergraph run`: serve deployments on this machine."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec

from infergraph.cli.console import Terminal, announcer
from infergraph.cli.launch import checked_grpc_server, grpc_port_of, is_chosen, leave, serve
from infergraph.cli.limit_options import limit_options
from infergraph.cli.worker_options import worker_options, worker_settings
from infergraph.declaration import KNOWN_SERVERS, Manifest, read_manifests
from infergraph.declaration.sources import STDIN
from infergraph.errors import InferGraphError
from infergraph.local.plan import Plan
from infergraph.telemetry.logs import configure_logs


def pairs_of(kind: str, values: Sequence[str]) -> dict[str, str]:
    """The pairs that repeated NAME=VALUE options say. The last ``=`` divides: a URI may hold some itself.

    :raises click.BadParameter: when one is no pair.
    """
    pairs = {}
    for value in values:
        name, divider, rest = value.rpartition("=")
        if not (name and divider and rest):
            raise click.BadParameter(f"expected {kind}, got {value!r}")
        pairs[name] = rest
    return pairs


def _pairs(kind: str) -> Callable[..., dict[str, str]]:
    return lambda _context, _parameter, values: pairs_of(kind, values)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--host", default="127.0.0.1", show_default=True, envvar="INFERGRAPH_HOST", help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    envvar="INFERGRAPH_PORT",
    help="Port to listen on; 0 picks a free one.",
)
@click.option(
    "--grpc-port",
    default=5001,
    show_default=True,
    type=click.IntRange(0, 65535),
    envvar="INFERGRAPH_GRPC_PORT",
    help="Port of gRPC; 0 picks a free one. The default gives way to a free one when it is in use.",
)
@click.option(
    "--grpc-server",
    default="aio",
    show_default=True,
    type=click.Choice(["aio", "native"]),
    envvar="INFERGRAPH_GRPC_SERVER",
    help="native answers several times as many calls, with pygrpc-native; for callers whom you trust.",
)
@click.option(
    "--artifact",
    "artifacts",
    multiple=True,
    metavar="URI=PATH",
    callback=_pairs("URI=PATH"),
    help="Use a local copy of a remote modelUri. Repeatable.",
)
@click.option(
    "--component",
    "classes",
    multiple=True,
    metavar="UNIT=MODULE:CLASS",
    callback=_pairs("UNIT=MODULE:CLASS"),
    help="Run a unit's code from a Python class, looked up beside the manifest. Repeatable.",
)
@click.option(
    "--server",
    "servers",
    multiple=True,
    metavar="NAME=MODULE:CLASS",
    callback=_pairs("NAME=MODULE:CLASS"),
    help="A prepackaged server of your own: units whose implementation is NAME run this class. Repeatable.",
)
@click.option(
    "--endpoint",
    "endpoints",
    multiple=True,
    metavar="UNIT=HOST:PORT",
    callback=_pairs("UNIT=HOST:PORT"),
    help="Call a unit where its component runs, over REST, or over gRPC with grpc://HOST:PORT. Repeatable.",
)
@click.option(
    "--isolate",
    "isolated",
    multiple=True,
    metavar="UNIT|all",
    help="Run a unit's class as a microservice in a process of its own, which is started again when it ends; in a "
    "virtual environment of its own where its folder has a requirements.txt. DEPLOYMENT/UNIT tells units of one name "
    "apart; all means every unit whose code is here. Implies --workers 1. Repeatable.",
)
@click.option(
    "--fix",
    "is_fixing",
    is_flag=True,
    envvar="INFERGRAPH_FIX",
    help="Run each model that does not fit the packages here as `infergraph doctor` says, in a process and a virtual "
    "environment of its own, made now and kept for the next time. Implies --workers 1 where there is one.",
)
@worker_options
@limit_options
def run(
    files: tuple[str, ...],
    host: str,
    port: int,
    grpc_port: int,
    grpc_server: str,
    **options: Any,
) -> None:
    """Serve every deployment in FILE... on this machine: all predictors, the whole graph, no cluster.

    \b
    Examples:
      infergraph run iris.yaml
      infergraph run iris.yaml --artifact gs://seldon-models/sklearn/iris=./iris
      infergraph run graph.yaml --component classifier=my_model:Classifier --port 0
      infergraph run iris.yaml --server MY_SERVER=my_server:MyServer
      infergraph run iris.yaml --workers auto
      infergraph run graph.yaml --component scaler=scaler/my_scaler:Scaler --isolate scaler
      infergraph run iris.yaml --fix

    Each limit is also an environment variable (INFERGRAPH_BODY_BYTES) and an annotation of the manifest
    (infergraph.io/body-bytes); a flag goes before the variable, and the variable before the annotation.
    """
    terminal = Terminal() if sys.stdout.isatty() else None
    show = configure_logs(show=terminal.show if terminal else None)
    try:
        servers = options.pop("servers")
        given = {name: options.pop(name) for name in _WORKER_OPTIONS}
        plan = _fixed(
            Plan(
                manifests=read_manifests(files, servers=KNOWN_SERVERS | servers.keys()),
                host=host,
                port=port,
                grpc_port=grpc_port_of(grpc_port, is_needed=is_chosen("grpc_port")),
                is_grpc_port_chosen=is_chosen("grpc_port"),
                grpc_server=checked_grpc_server(grpc_server),
                artifacts={uri: Path(path) for uri, path in options.pop("artifacts").items()},
                classes=options.pop("classes"),
                servers=servers,
                endpoints=options.pop("endpoints"),
                isolated=options.pop("isolated"),
                is_fixing=options.pop("is_fixing"),
                limits={name: value for name, value in options.items() if value is not None},
            )
        )
        settings = worker_settings(**given, is_isolating=bool(plan.isolated or plan.fixes))
        is_finished = serve(plan, settings, announcer(terminal), reread=partial(_reread, files, plan), show=show)
    except InferGraphError as error:
        if terminal:
            terminal.close()
        click.echo(f"infergraph: {error}", err=True)
        leave(1)
    leave(0 if is_finished else 1)


_WORKER_OPTIONS = ("workers", "heartbeat_s", "call_s", "worker_memory_bytes", "watch", "preload")


def _reread(files: Sequence[str], first: Plan) -> Plan:
    """The plan with the manifests as they are now; what came from standard input cannot be read again.

    :raises BadManifest: when they have problems.
    """
    kept = [manifest for manifest in first.manifests if manifest.path == STDIN]
    again = [file for file in files if Path(file) != STDIN]
    read: Sequence[Manifest] = read_manifests(again, servers=KNOWN_SERVERS | first.servers.keys()) if again else []
    return _fixed(msgspec.structs.replace(first, manifests=[*kept, *read]))


def _fixed(plan: Plan) -> Plan:
    if not plan.is_fixing:
        return plan
    from infergraph.local.isolated.fix import fixed

    return fixed(plan)
