"""The options of `infergraph run` about workers."""

from collections.abc import Callable
from typing import Any

import click

from infergraph.local.cores import count_cores
from infergraph.local.worker_settings import WorkerSettings


class WorkerCount(click.ParamType):  # type: ignore[type-arg]
    """A number from 1, or ``auto`` for one worker for each core."""

    name = "N|auto"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if value == "auto":
            return count_cores()
        if not (isinstance(value, str) and value.isdigit() and 1 <= int(value) <= MOST_WORKERS):
            self.fail(f"expected auto or a number from 1 to {MOST_WORKERS}, got {value!r}", param, ctx)
        return int(value)


MOST_WORKERS = 1000


def worker_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add them to a command, which gets them as ``workers``, ``heartbeat_s``, ``call_s`` and so on."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def worker_settings(
    *,
    workers: int | None,
    heartbeat_s: float,
    call_s: float,
    worker_memory_bytes: int | None,
    watch: bool,
    preload: bool,
    is_isolating: bool = False,
) -> WorkerSettings | None:
    """How to run workers; None without any of their own: then the command's process serves by itself.

    One that ``is_isolating`` units supervises their processes, and so a worker too.
    """
    if preload and workers is None:
        raise click.UsageError("--preload shares models between workers: --workers N says how many")
    if workers is None and not (watch or is_isolating):
        return None
    return WorkerSettings(
        count=workers or 1,
        heartbeat_s=heartbeat_s,
        call_s=call_s,
        memory_bytes=worker_memory_bytes,
        is_watching=watch,
        is_preloading=preload,
    )


_OPTIONS = (
    click.option(
        "--workers",
        type=WorkerCount(),
        envvar="INFERGRAPH_WORKERS",
        help="Serve from this many processes on the same ports, or from one for each core; what ends is replaced, and "
        "`infergraph reload` swaps them without a failed request. [default: none, this process serves by itself]",
    ),
    click.option(
        "--preload",
        is_flag=True,
        envvar="INFERGRAPH_PRELOAD",
        help="Load the models once and fork the workers from there, so that they share the memory; what does not "
        "survive a fork is loaded in each worker, and the log says why. Linux only.",
    ),
    click.option(
        "--watch",
        is_flag=True,
        envvar="INFERGRAPH_WATCH",
        help="Reload when a manifest, a Python file beside it or a local model changes; implies --workers 1.",
    ),
    click.option(
        "--heartbeat-s",
        default=30.0,
        show_default=True,
        type=click.FloatRange(0, min_open=True),
        envvar="INFERGRAPH_HEARTBEAT_S",
        help="A worker whose event loop is silent for so long is replaced; where it hung is in the log. So is the "
        "process of an isolated unit. [seconds]",
    ),
    click.option(
        "--call-s",
        default=600.0,
        show_default=True,
        type=click.FloatRange(0, min_open=True),
        envvar="INFERGRAPH_CALL_S",
        help="A worker in which one call of a component takes longer is taken for stuck, and replaced. [seconds]",
    ),
    click.option(
        "--worker-memory-bytes",
        type=click.IntRange(1),
        envvar="INFERGRAPH_WORKER_MEMORY_BYTES",
        help="A worker that holds more is replaced: the new one is ready before the old one goes. One that holds twice "
        "as much is killed at once. [default: no limit]",
    ),
)
