"""`infergraph run`: serve deployments on this machine."""

import asyncio
import contextlib
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, get_type_hints

import click
import msgspec
import structlog
from click.core import ParameterSource

from infergraph.cli.console import Terminal, announcer
from infergraph.cli.worker_options import worker_options, worker_settings
from infergraph.declaration import Manifest, read_manifests
from infergraph.declaration.sources import STDIN
from infergraph.errors import InferGraphError, SetupError
from infergraph.local.announcement import Announcer
from infergraph.local.cores import count_cores, set_threads, thread_settings
from infergraph.local.plan import Plan
from infergraph.local.worker_settings import WorkerSettings
from infergraph.servers.limits import Limits
from infergraph.telemetry.logs import ShowEvent, configure_logs


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


def _limit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """One option for each limit: a flag, an environment variable and an annotation of the same name."""
    for field, kind in reversed(get_type_hints(Limits).items()):
        default = getattr(Limits(), field)
        unit = (
            "seconds"
            if field.endswith("_s")
            else "bytes"
            if field.endswith("_bytes")
            else "rows"
            if field.endswith("_rows")
            else "count"
        )
        command = click.option(
            f"--{field.replace('_', '-')}",
            type=kind,
            envvar=f"INFERGRAPH_{field.upper()}",
            help=f"{_LIMITS[field]} [{unit}; default: {default}]",
        )(command)
    return command


_LIMITS = {
    "body_bytes": "Largest body of a request, as sent and once decompressed.",
    "header_bytes": "Request line and headers of a request together.",
    "header_count": "Header lines of a request.",
    "json_depth": "How deep JSON may nest.",
    "queue_length": "Requests that may wait for one component; above it 503.",
    "batch_rows": "Rows of waiting requests in one call of their model; 1 turns batching off.",
    "header_timeout_s": "Time for the headers of a request to arrive.",
    "body_timeout_s": "Longest silence while a body arrives, or while an answer is not read.",
    "keep_alive_s": "How long a connection may idle between requests.",
    "linger_s": "How long a client that is refused may go on sending.",
    "drain_s": "After SIGTERM, how long to wait for the next running request to finish.",
    "drain_grace_s": "How long an idle connection stays open after SIGTERM.",
}


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
@worker_options
@_limit_options
def run(
    files: tuple[str, ...],
    host: str,
    port: int,
    grpc_port: int,
    grpc_server: str,
    artifacts: dict[str, str],
    classes: dict[str, str],
    **options: Any,
) -> None:
    """Serve every deployment in FILE... on this machine: all predictors, the whole graph, no cluster.

    \b
    Examples:
      infergraph run iris.yaml
      infergraph run iris.yaml --artifact gs://seldon-models/sklearn/iris=./iris
      infergraph run graph.yaml --component classifier=my_model:Classifier --port 0
      infergraph run iris.yaml --workers auto

    Each limit is also an environment variable (INFERGRAPH_BODY_BYTES) and an annotation of the manifest
    (infergraph.io/body-bytes); a flag goes before the variable, and the variable before the annotation.
    """
    terminal = Terminal() if sys.stdout.isatty() else None
    show = configure_logs(show=terminal.show if terminal else None)
    try:
        settings = worker_settings(**{name: options.pop(name) for name in _WORKER_OPTIONS})
        plan = Plan(
            manifests=read_manifests(files),
            host=host,
            port=port,
            grpc_port=_grpc_port(grpc_port),
            is_grpc_port_chosen=_is_grpc_port_chosen(),
            grpc_server=_grpc_server(grpc_server),
            artifacts={uri: Path(path) for uri, path in artifacts.items()},
            classes=classes,
            limits={name: value for name, value in options.items() if value is not None},
        )
        announce = announcer(terminal)
        if settings is None:
            is_finished = _serve_here(plan, announce)
        else:
            is_finished = _supervise(plan, settings, partial(_reread, files, plan), show, announce)
    except InferGraphError as error:
        if terminal:
            terminal.close()
        click.echo(f"infergraph: {error}", err=True)
        _leave(1)
    _leave(0 if is_finished else 1)


_WORKER_OPTIONS = ("workers", "heartbeat_s", "call_s", "worker_memory_bytes", "watch", "preload")


def _reread(files: Sequence[str], first: Plan) -> Plan:
    """The plan with the manifests as they are now; what came from standard input cannot be read again.

    :raises BadManifest: when they have problems.
    """
    kept = [manifest for manifest in first.manifests if manifest.path == STDIN]
    again = [file for file in files if Path(file) != STDIN]
    read: Sequence[Manifest] = read_manifests(again) if again else []
    return msgspec.structs.replace(first, manifests=[*kept, *read])


def _grpc_port(port: int) -> int | None:
    """The port of gRPC; None, and a line about it, when what it needs is not installed.

    :raises SetupError: when the port was asked for.
    """
    if all(map(_is_installed, _GRPC_PACKAGES)):
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its C core writes on stderr, beside the logs
        return port
    how = "pip install 'infergraph[grpc]' brings what it needs"
    if _is_grpc_port_chosen():
        raise SetupError(f"--grpc-port {port}: gRPC is not installed; {how}")
    structlog.get_logger("infergraph.run").warning("grpc_off", how=how)
    return None


def _grpc_server(kind: str) -> str:
    """The kind of the gRPC server.

    :raises SetupError: when it is not installed: a supervisor would start its workers again and again.
    """
    if kind == "native" and not _is_installed("pygrpc_native"):
        raise SetupError("--grpc-server native needs pygrpc-native; pip install 'infergraph[grpc-native]' brings it")
    return kind


def _is_grpc_port_chosen() -> bool:
    return click.get_current_context().get_parameter_source("grpc_port") is not ParameterSource.DEFAULT


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # not even the package that it would be in
        return False


_GRPC_PACKAGES = ("grpc", "grpc_health", "grpc_reflection", "google.protobuf")


def _serve_here(plan: Plan, announce: Announcer) -> bool:
    set_threads(thread_settings(1, count_cores(), plan.manifests))  # before numpy is imported
    from infergraph.local.run import Runner

    try:
        import uvloop
    except ImportError:  # not on Windows
        return asyncio.run(Runner(plan).run(announce))
    return uvloop.run(Runner(plan).run(announce))


def _supervise(
    plan: Plan, settings: WorkerSettings, reread: Callable[[], Plan], show: ShowEvent, announce: Announcer
) -> bool:
    from infergraph.local.supervisor import Supervisor

    return asyncio.run(Supervisor(plan, settings, reread=reread, show=show).run(announce))


def _leave(code: int) -> NoReturn:
    """End the process now: a thread of a user's code that never returns must not keep it."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
