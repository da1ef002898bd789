"""`infergraph engine`: run one predictor's graph in the place of Seldon Core v1's executor."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import structlog

from infergraph.cli.engine_certificate import certificate_of
from infergraph.cli.engine_options import NOT_DONE, engine_options
from infergraph.cli.go_flags import GoCommand
from infergraph.cli.launch import grpc_port_of, is_flag_given, leave, serve
from infergraph.cli.limit_options import limit_options
from infergraph.cli.worker_options import worker_options, worker_settings
from infergraph.declaration import Manifest
from infergraph.declaration.engine_predictor import (
    VARIABLE,
    EngineIdentity,
    predictor_of_file,
    predictor_of_variable,
)
from infergraph.declaration.pod_annotations import PODINFO, pod_annotations
from infergraph.errors import InferGraphError, SetupError
from infergraph.local.plan import Plan
from infergraph.servers.limits import Limits
from infergraph.telemetry.logs import configure_logs

log = structlog.get_logger("infergraph.run")

PROTOCOLS = ("seldon", "tensorflow", "v2", "kfserving")
_WORKER_OPTIONS = ("workers", "heartbeat_s", "call_s", "worker_memory_bytes", "watch", "preload")


@click.command(cls=GoCommand)
@engine_options
@worker_options
@limit_options
def engine(**options: Any) -> None:
    """Run the graph of one predictor, with the flags and the environment that the v1 operator gives its executor.

    \b
    Examples:
      infergraph engine --sdep iris --namespace default --predictor main --file iris.yaml
      ENGINE_PREDICTOR=eyJu... infergraph engine --sdep iris --namespace default --predictor main

    Flags are read as Go reads them: -sdep iris, --sdep=iris, --debug.
    """
    from infergraph.cli.console import Terminal, announcer

    terminal = Terminal() if sys.stdout.isatty() else None
    level = "DEBUG" if options["debug"] else options["log_level"].upper()
    show = configure_logs(show=terminal.show if terminal else None, level=None if level == "INFO" else level)
    try:
        settings = worker_settings(**{name: options[name] for name in _WORKER_OPTIONS})
        plan = plan_of(options)
        _note_what_is_not_done(plan.manifests[0], options)
        is_finished = serve(plan, settings, announcer(terminal), reread=lambda: plan_of(options), show=show)
    except InferGraphError as error:
        if terminal:
            terminal.close()
        click.echo(f"infergraph: {error}", err=True)
        leave(1)
    leave(0 if is_finished else 1)


def plan_of(options: Mapping[str, Any]) -> Plan:
    """What the options and the environment say is to be run.

    :raises SetupError: when they say what cannot be.
    """
    _check(options)
    given = {name: options[name] for name in Limits.__struct_fields__ if options.get(name) is not None}
    return Plan(
        manifests=[_manifest(options)],
        host=options["host"],
        port=options["http_port"],
        grpc_port=grpc_port_of(options["grpc_port"], is_needed=is_flag_given("grpc_port")),
        limits={"drain_s": max(options["graceful_timeout"], 1.0), **given},
        metrics_path=options["prometheus_path"],
        tells_all=bool(os.environ.get("SELDON_ENABLE_ROUTING_INJECTION")),
        full_health_checks=options["full_health_checks"],
        certificate=certificate_of(os.environ),
        shutdown_delay_s=options["shutdown_delay"],
        graceful_s=options["graceful_timeout"],
    )


def _check(options: Mapping[str, Any]) -> None:
    for name in ("sdep", "namespace", "predictor"):
        if not options[name]:
            raise SetupError(f"Required argument {name} missing: say --{name} NAME")
    if options["protocol"] not in PROTOCOLS:
        raise SetupError(f"Protocol must be seldon, tensorflow or v2, got --protocol {options['protocol']}")
    if options["transport"] not in ("rest", "grpc"):
        raise SetupError(f"Only rest and grpc supported, got --transport {options['transport']}")
    if options["server_type"] == "kafka":
        raise SetupError("--server_type kafka: there is no Kafka server here; requests come over REST and gRPC")
    if options["server_type"] != "rpc":
        raise SetupError(f"--server_type {options['server_type']}: expected rpc")
    if not options["prometheus_path"].startswith("/"):
        raise SetupError(f"--prometheus_path {options['prometheus_path']}: expected a path that begins with /")


def _manifest(options: Mapping[str, Any]) -> Manifest:
    identity = EngineIdentity(
        deployment=options["sdep"],
        namespace=options["namespace"],
        predictor=options["predictor"],
        protocol=options["protocol"],
        transport=options["transport"],
        annotations=pod_annotations(Path(os.environ.get("INFERGRAPH_POD_ANNOTATIONS", PODINFO))),
    )
    if options["file"] is not None:
        return predictor_of_file(options["file"], identity)
    return predictor_of_variable(os.environ.get(VARIABLE, ""), identity)


def _note_what_is_not_done(manifest: Manifest, options: Mapping[str, Any]) -> None:
    """Payload loggers of units are told where the deployment is read; here what flags alone ask for."""
    if asked := [name for name in NOT_DONE if options[name]]:
        log.warning("without_effect", settings=asked, deployment=manifest.deployment.name)


def main() -> None:
    """The command `infergraph-engine`."""
    engine(prog_name="infergraph-engine")
