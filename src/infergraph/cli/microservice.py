"""`infergraph microservice`: serve one Python class alone, over the v1 component API."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import structlog

from infergraph.cli.launch import checked_grpc_server, grpc_port_of, is_chosen, is_flag_given, leave, serve
from infergraph.cli.limit_options import limit_options
from infergraph.cli.microservice_options import LOG_LEVELS, is_true, microservice_options
from infergraph.declaration.pod_annotations import PODINFO, pod_annotations
from infergraph.errors import InferGraphError, SetupError
from infergraph.local.announcement import Announcer
from infergraph.local.plan import Plan
from infergraph.local.unit_environment import described_by, parameters_of, version_of
from infergraph.local.unit_plan import UnitPlan
from infergraph.local.worker_settings import WorkerSettings
from infergraph.servers.limits import Limits
from infergraph.telemetry.logs import configure_logs

AT_ONCE_S = 0.001
"""What a connection idles where it is to idle not at all."""
UNSET_IMAGE = "NOT_IMPLEMENTED:NOT_IMPLEMENTED"


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("interface_name", metavar="MODULE:CLASS")
@microservice_options
@limit_options
def microservice(interface_name: str, **options: Any) -> None:
    """Serve one class alone over REST and gRPC, as a component of an inference graph.

    \b
    Examples:
      infergraph microservice my_model:Classifier
      infergraph microservice MyModel --workers 4 --service-type MODEL
      infergraph-microservice MyModel

    MODULE:CLASS is looked up in this folder first; MyModel means class MyModel of module MyModel.
    The command takes what `seldon-core-microservice` takes, from flags and environment variables.
    """
    context = click.get_current_context()
    if context.args:
        click.echo(
            f"infergraph: Unknown args {context.args}. Note since 1.5.0 this CLI does not take API type (REST, GRPC); "
            "--help lists what it takes",
            err=True,
        )
        leave(255)
    show, announce, close = _output(_log_level(options))
    try:
        _note_what_has_no_effect(options)
        plan = _plan(interface_name, options)
        _write_pid(options["pidfile"])
        is_finished = serve(plan, _settings(options), announce, reread=lambda: plan, show=show)
    except InferGraphError as error:
        close()
        click.echo(f"infergraph: {error}", err=True)
        leave(1)
    if options["pidfile"]:
        options["pidfile"].unlink(missing_ok=True)
    leave(0 if is_finished else 1)


def main() -> None:
    """The command `infergraph-microservice`."""
    microservice(prog_name="infergraph-microservice")


def _output(level: str) -> tuple[Any, Announcer, Any]:
    """How log events are written, how to tell that everything is ready, and how to end the writing."""
    from infergraph.cli.console import Terminal, announcer  # rich, where nobody may be looking

    terminal = Terminal() if sys.stdout.isatty() else None
    show = configure_logs(show=terminal.show if terminal else None, level=level)
    return show, announcer(terminal), terminal.close if terminal else lambda: None


def _plan(interface_name: str, options: Mapping[str, Any]) -> Plan:
    image = os.environ.get("PREDICTIVE_UNIT_IMAGE", UNSET_IMAGE)
    unit = UnitPlan(
        python_class=interface_name,
        folder=Path.cwd(),
        parameters=parameters_of(options["parameters"]),
        unit=os.environ.get("PREDICTIVE_UNIT_ID", ""),
        image=image,
        deployment=os.environ.get("SELDON_DEPLOYMENT_ID", ""),
        predictor=os.environ.get("PREDICTOR_ID", ""),
        predictor_version=version_of(os.environ.get("PREDICTOR_LABELS", "{}")),
        annotations=pod_annotations(Path(os.environ.get("INFERGRAPH_POD_ANNOTATIONS", PODINFO))),
        threads=1 if options["single_threaded"] else max(options["threads"], options["grpc_threads"]),
        max_requests=options["max_requests"],
        max_requests_jitter=options["max_requests_jitter"],
        metrics_port=options["metrics_port"],
        is_metrics_port_chosen=is_chosen("metrics_port"),
        metrics_path=options["metrics_path"],
        shows_metrics=is_true(os.environ.get("INCLUDE_METRICS_IN_CLIENT_RESPONSE", "true")),
        counts_feedback=is_true(os.environ.get("SELDON_EXECUTOR_ENABLED", "true")),
        passes_payload=is_true(os.environ.get("PAYLOAD_PASSTHROUGH", "false")),
        logs_access=options["access_log"],
        log_level=_log_level(options),
        described=described_by(os.environ.get("MODEL_METADATA", "")),
    )
    return Plan(
        manifests=[],
        host=options["host"],
        port=options["http_port"],
        grpc_port=_grpc_port(options),
        is_grpc_port_chosen=is_chosen("grpc_port"),
        grpc_server=checked_grpc_server(options["grpc_server"]),
        ends_with_stdin=options["ends_with_stdin"],
        limits=_limits(options),
        unit=unit,
    )


def _grpc_port(options: Mapping[str, Any]) -> int | None:
    """The port of gRPC. The v1 operator names one for every component, also for those without gRPC."""
    if not options["grpc_workers"]:
        return None
    return grpc_port_of(options["grpc_port"], is_needed=is_flag_given("grpc_port"))


def _log_level(options: Mapping[str, Any]) -> str:
    """The variable goes before the flag, as in the v1 wrapper."""
    level = os.environ.get("SELDON_LOG_LEVEL", "").upper()
    if level in LOG_LEVELS:
        return level
    return "DEBUG" if options["debug"] else str(options["log_level"])


def _limits(options: Mapping[str, Any]) -> dict[str, float]:
    given = {name: options[name] for name in Limits.__struct_fields__ if options[name] is not None}
    if options["keepalive"] is not None:
        given.setdefault("keep_alive_s", options["keepalive"] or AT_ONCE_S)
    return given


def _settings(options: Mapping[str, Any]) -> WorkerSettings | None:
    """How to run workers; None when nobody asked for any: then this process serves by itself."""
    if options["workers"] is None and options["grpc_workers"] <= 1 and not options["max_requests"]:
        return None
    return WorkerSettings(count=max(options["workers"] or 1, options["grpc_workers"], 1))


def _write_pid(path: Path | None) -> None:
    if path is None:
        return
    try:
        path.write_text(f"{os.getpid()}\n")
    except OSError as error:
        raise SetupError(f"--pidfile {path}: {error.strerror}") from None


def _note_what_has_no_effect(options: Mapping[str, Any]) -> None:
    log = structlog.get_logger("infergraph.run")
    if options["persistence"] != "0":
        log.error(
            "persistence_not_supported", why="the v1 wrapper has had none since 1.8; keep state in a store of yours"
        )
    if ignored := _ignored(options):
        log.info("without_effect", settings=ignored)


def _ignored(options: Mapping[str, Any]) -> Sequence[str]:
    variables = [name for name in os.environ if name.startswith("FLASK_") and name != "FLASK_SINGLE_THREADED"]
    return sorted(variables) + (["--tracing"] if options["tracing"] else [])
