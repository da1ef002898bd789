"""The options of `infergraph engine`: those of the v1 executor by their names (SELDON_V1 §3.1), and what we add."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from infergraph.cli.go_flags import Duration
from infergraph.cli.microservice_options import LOG_LEVELS, default_host

_NOT_DONE = "Taken, and without effect: payloads are not logged here yet."
_KAFKA_SWITCHES = ("kafka_full_graph", "kafka_auto_commit")
KAFKA = ("kafka_broker", "kafka_input_topic", "kafka_output_topic", "kafka_workers", *_KAFKA_SWITCHES)
"""Settings of ``--server_type kafka``, which is refused: not they, but it."""
NOT_DONE = ("log_kafka_broker", "log_kafka_topic", "config", *KAFKA)
"""What is asked for in vain; how payloads are logged is asked for by every operator, whether any unit logs or not."""


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add them to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _port(flag: str, default: int, what: str) -> Callable[..., Any]:
    return click.option(flag, default=default, show_default=True, type=click.IntRange(0, 65535), help=what)


_OPTIONS = (
    click.option("--sdep", help="Name of the SeldonDeployment. Required."),
    click.option("--namespace", help="Its namespace. Required."),
    click.option("--predictor", help="Name of the predictor to run. Required."),
    click.option(
        "--file",
        type=click.Path(path_type=Path),
        help="Take the predictor from this manifest. [default: from the variable ENGINE_PREDICTOR, JSON in base64]",
    ),
    _port("--http_port", 8080, "Port of REST; 0 picks a free one."),
    _port("--grpc_port", 5000, "Port of gRPC; 0 picks a free one."),
    click.option(
        "--host",
        default=default_host,
        envvar="INFERGRAPH_HOST",
        show_envvar=True,
        help="Address to listen on. [default: 127.0.0.1; in a container 0.0.0.0]",
    ),
    click.option("--hostname", envvar="POD_NAME", show_envvar=True, default="localhost", help="Name of this engine."),
    click.option(
        "--protocol",
        default="seldon",
        show_default=True,
        help="What units that run elsewhere are asked in: seldon, tensorflow or v2. All protocols are answered.",
    ),
    click.option(
        "--transport",
        default="rest",
        show_default=True,
        help="How units that run elsewhere are asked: rest or grpc. Both are answered.",
    ),
    click.option("--server_type", default="rpc", show_default=True, help="rpc. There is no kafka here."),
    click.option(
        "--prometheus_path", default="/metrics", show_default=True, help="Path of the metrics, on the port of REST."
    ),
    click.option(
        "--graceful_timeout",
        default="15s",
        show_default=True,
        type=Duration(),
        help="After SIGTERM, how long running requests have; what is left then is refused.",
    ),
    click.option(
        "--shutdown_delay",
        default="0",
        show_default=True,
        type=Duration(),
        help="After SIGTERM, how long to go on as if nothing were.",
    ),
    click.option(
        "--full_health_checks",
        is_flag=True,
        help="For readiness, ask units that run elsewhere how they are, not only whether they are there.",
    ),
    click.option("--debug", is_flag=True, envvar="SELDON_DEBUG", show_envvar=True, help="As --log_level DEBUG."),
    click.option(
        "--log_level",
        default="INFO",
        show_default=True,
        envvar="SELDON_LOG_LEVEL",
        show_envvar=True,
        type=click.Choice(LOG_LEVELS, case_sensitive=False),
        help="What is logged.",
    ),
    click.option("--logger_workers", type=int, help=_NOT_DONE),
    click.option("--log_work_buffer_size", type=int, help=_NOT_DONE),
    click.option("--log_write_timeout_ms", type=int, help=_NOT_DONE),
    click.option("--log_kafka_broker", envvar="LOGGER_KAFKA_BROKER", help=_NOT_DONE),
    click.option("--log_kafka_topic", envvar="LOGGER_KAFKA_TOPIC", help=_NOT_DONE),
    click.option("--config", help="Taken, and without effect: the flags and the environment say it all."),
    *(click.option(f"--{name}", hidden=True, is_flag=name in _KAFKA_SWITCHES) for name in KAFKA),
)
