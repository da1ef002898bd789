"""How a command becomes a server: by this process, or by workers that it supervises."""

import asyncio
import contextlib
import importlib.metadata
import importlib.util
import os
import sys
from collections.abc import Callable
from typing import NoReturn

import click
import structlog
from click.core import ParameterSource

from infergraph.errors import SetupError
from infergraph.local.announcement import Announcer
from infergraph.local.cores import count_cores, set_threads, thread_settings
from infergraph.local.plan import Plan
from infergraph.local.unblocked import finish, output_valves, print_by_lines, unblock
from infergraph.local.worker_settings import WorkerSettings
from infergraph.telemetry.logs import ShowEvent


def grpc_port_of(port: int, *, is_needed: bool) -> int | None:
    """The port of gRPC; None, and a line about it, when what it needs is not installed.

    :raises SetupError: when it ``is_needed``.
    """
    missing = _missing_for_grpc()
    if missing is None:
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its C core writes on stderr, beside the logs
        return port
    how = "pip install 'infergraph[grpc]' brings what it needs"
    if is_needed:
        raise SetupError(f"--grpc-port {port}: {missing}; {how}")
    structlog.get_logger("infergraph.run").warning("grpc_off", why=missing, how=how)
    return None


def _missing_for_grpc() -> str | None:
    """Why gRPC cannot be served; None when it can."""
    if not all(map(_is_installed, _GRPC_PACKAGES)):
        return "gRPC is not installed"
    found = importlib.metadata.version("protobuf")
    if int(found.partition(".")[0]) < LEAST_PROTOBUF:  # a model may hold it back, with an old TensorFlow say
        return f"gRPC needs protobuf {LEAST_PROTOBUF} or later, and {found} is installed"
    return None


def checked_grpc_server(kind: str) -> str:
    """The kind of the gRPC server.

    :raises SetupError: when it is not installed: a supervisor would start its workers again and again.
    """
    if kind == "native" and not _is_installed("pygrpc_native"):
        raise SetupError("--grpc-server native needs pygrpc-native; pip install 'infergraph[grpc-native]' brings it")
    return kind


def is_chosen(option: str) -> bool:
    """Whether the user has said it, by flag or environment variable."""
    return click.get_current_context().get_parameter_source(option) is not ParameterSource.DEFAULT


def is_flag_given(option: str) -> bool:
    """Whether the user has said it by a flag: a variable may be there for everybody who comes."""
    return click.get_current_context().get_parameter_source(option) is ParameterSource.COMMANDLINE


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # not even the package that it would be in
        return False


LEAST_PROTOBUF = 4
_GRPC_PACKAGES = ("grpc", "grpc_health", "grpc_reflection", "google.protobuf")


def serve(
    plan: Plan, settings: WorkerSettings | None, announce: Announcer, *, reread: Callable[[], Plan], show: ShowEvent
) -> bool:
    """Serve until told to go, by this process or by workers. Returns whether everything that ran could be finished.

    ``reread`` makes the plan again for a reload, ``show`` writes what workers log.

    :raises SetupError: when it cannot start.
    """
    print_by_lines()
    if settings is None:
        return _serve_here(plan, announce)
    from infergraph.local.pump import pumped
    from infergraph.local.supervisor import Supervisor

    valves = output_valves()
    try:
        with pumped(valves):
            return asyncio.run(Supervisor(plan, settings, reread=reread, show=show).run(announce))
    finally:
        unblock(valves)


def _serve_here(plan: Plan, announce: Announcer) -> bool:
    set_threads(thread_settings(1, count_cores(), plan.manifests))  # before numpy is imported
    from infergraph.local.run import Runner

    unblock(output_valves())
    try:
        import uvloop
    except ImportError:  # not on Windows
        return asyncio.run(Runner(plan).run(announce))
    return uvloop.run(Runner(plan).run(announce))


def leave(code: int) -> NoReturn:
    """End the process now: a thread of a user's code that never returns must not keep it."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
        finish()
    os._exit(code)
