"""The options of `infergraph microservice` (SELDON_V1 §4.4), with the v1 wrapper's names and variables."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})
SERVICE_TYPES = ("MODEL", "ROUTER", "TRANSFORMER", "COMBINER", "OUTLIER_DETECTOR")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class Switch(click.ParamType):  # type: ignore[type-arg]
    """On or off: a flag that may have a value, as the v1 wrapper's have."""

    name = "0|1"

    def convert(self, value: Any, _: click.Parameter | None, __: click.Context | None) -> bool:
        return is_true(str(value))


def is_true(text: str) -> bool:
    """What a variable of the v1 wrapper means."""
    return text.strip().lower() in _TRUE


def default_host() -> str:
    """Where to listen: on every address in a container, whose network is its own, and else on this machine's only."""
    is_contained = any(name in os.environ for name in ("KUBERNETES_SERVICE_HOST", "PREDICTIVE_UNIT_ID"))
    is_contained = is_contained or any(Path(path).exists() for path in ("/.dockerenv", "/run/.containerenv"))
    return "0.0.0.0" if is_contained else "127.0.0.1"  # noqa: S104 - a container's network is its own


def microservice_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add them to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _port(flag: str, default: int, variable: str, what: str) -> Callable[..., Any]:
    return click.option(
        flag,
        default=default,
        show_default=True,
        type=click.IntRange(0, 65535),
        envvar=variable,
        show_envvar=True,
        help=f"{what}; 0 picks a free one.",
    )


def _count(flag: str, default: int | None, variable: str, what: str, least: int = 1) -> Callable[..., Any]:
    return click.option(
        flag,
        default=default,
        show_default=default is not None,
        type=click.IntRange(least, 1000),
        envvar=variable,
        show_envvar=True,
        help=what,
    )


def _switch(flag: str, variable: str | None, what: str) -> Callable[..., Any]:
    return click.option(
        flag,
        is_flag=False,
        flag_value="1",
        default="0",
        type=Switch(),
        envvar=variable,
        show_envvar=variable is not None,
        help=what,
    )


_OPTIONS = (
    click.option(
        "--host",
        default=default_host,
        envvar="INFERGRAPH_HOST",
        show_envvar=True,
        help="Address to listen on. [default: 127.0.0.1; in a container 0.0.0.0]",
    ),
    _port("--http-port", 9000, "PREDICTIVE_UNIT_HTTP_SERVICE_PORT", "Port of REST"),
    _port(
        "--grpc-port",
        5000,
        "PREDICTIVE_UNIT_GRPC_SERVICE_PORT",
        "Port of gRPC, whose default gives way to a free one when it is in use",
    ),
    _port(
        "--metrics-port",
        6000,
        "PREDICTIVE_UNIT_METRICS_SERVICE_PORT",
        "Port that has the metrics alone, whose default gives way too; they are on the port of REST as well",
    ),
    click.option(
        "--grpc-server",
        default="aio",
        show_default=True,
        type=click.Choice(["aio", "native"]),
        envvar="INFERGRAPH_GRPC_SERVER",
        show_envvar=True,
        help="native answers several times as many calls, with pygrpc-native; for callers whom you trust.",
    ),
    click.option(
        "--metrics-path",
        default="/metrics",
        show_default=True,
        envvar="PREDICTIVE_UNIT_METRICS_ENDPOINT",
        show_envvar=True,
        help="Path of the metrics there, beside /metrics and /prometheus.",
    ),
    click.option(
        "--parameters",
        default="[]",
        envvar="PREDICTIVE_UNIT_PARAMETERS",
        show_envvar=True,
        help='What the class is built with: \'[{"name":"threshold","type":"FLOAT","value":"0.5"}]\'. '
        "Types are INT, FLOAT, DOUBLE, STRING and BOOL.",
    ),
    click.option(
        "--service-type",
        default="MODEL",
        show_default=True,
        type=click.Choice(SERVICE_TYPES),
        help="What the component is in its graph. Every path is served whatever it says.",
    ),
    _count(
        "--workers",
        None,
        "GUNICORN_WORKERS",
        "Serve from this many processes on the same ports; what ends is replaced. "
        "[default: none, this process serves by itself]",
    ),
    _count("--threads", 1, "GUNICORN_THREADS", "Calls of the class that may run at once, in each process."),
    _switch("--single-threaded", "FLASK_SINGLE_THREADED", "1 means --threads 1."),
    _count(
        "--grpc-workers",
        1,
        "GRPC_WORKERS",
        "0 turns gRPC off. REST and gRPC share the processes: there are as many as the larger of --workers and this.",
        0,
    ),
    _count("--grpc-threads", 1, "GRPC_THREADS", "As --threads; the larger counts, as REST and gRPC share the class."),
    click.option(
        "--max-requests",
        default=0,
        show_default=True,
        type=click.IntRange(0),
        envvar="GUNICORN_MAX_REQUESTS",
        show_envvar=True,
        help="Replace a worker after so many requests; 0 is never. Implies --workers 1.",
    ),
    click.option(
        "--max-requests-jitter",
        default=0,
        show_default=True,
        type=click.IntRange(0),
        envvar="GUNICORN_MAX_REQUESTS_JITTER",
        show_envvar=True,
        help="Up to so many more, by chance, so that workers are not replaced together.",
    ),
    click.option(
        "--keepalive",
        type=click.FloatRange(0),
        envvar="GUNICORN_KEEPALIVE",
        show_envvar=True,
        help="How long a connection may idle between requests; the same as --keep-alive-s. [seconds; default: 65]",
    ),
    click.option(
        "--log-level",
        default="INFO",
        show_default=True,
        type=click.Choice(LOG_LEVELS, case_sensitive=False),
        help="What is logged. [env var: SELDON_LOG_LEVEL, which goes before the flag]",
    ),
    _switch("--access-log", "GUNICORN_ACCESS_LOG", "Log each request."),
    click.option("--pidfile", type=click.Path(dir_okay=False, path_type=Path), help="Write the process id there."),
    click.option(
        "--ends-with-stdin",
        is_flag=True,
        help="Drain when standard input ends, as it does when the process that started this one is gone.",
    ),
    _switch("--debug", "SELDON_DEBUG", "The same as --log-level DEBUG."),
    _switch("--tracing", "TRACING", "Read, and not here yet: traces are not sent."),
    click.option(
        "--persistence",
        is_flag=False,
        flag_value="1",
        default="0",
        help="Read, and without effect, as in the v1 wrapper since 1.8.",
    ),
)
