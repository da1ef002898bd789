"""Puts the parts of the operator together, and ends them in order."""

import asyncio
import contextlib
import signal
from typing import Final

import structlog
from msgspec import Struct

from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.operator.cluster import Cluster, connect
from infergraph.kubernetes.operator.operator import Operator, Scope

DRAIN_S: Final = 20.0
"""How long what has begun may take after SIGTERM; a pod gets 30 s."""
_log = structlog.get_logger("infergraph.operator")


class Options(Struct, frozen=True, kw_only=True):
    """What the command was told."""

    settings: Settings
    scope: Scope
    workers: int = 8
    kubeconfig: str = ""
    context: str = ""


async def main(options: Options) -> None:
    """Run until SIGTERM or SIGINT.

    :raises SetupError: when there is no cluster to connect to.
    """
    cluster = Cluster(connect(options.kubeconfig, options.context), concurrency=2 * options.workers)
    operator = Operator(cluster, options.settings, scope=options.scope, workers=options.workers)
    ends = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ends.set)
    try:
        await _run(operator, ends)
    finally:
        await cluster.close()
    _log.info("stopped")


async def _run(operator: Operator, ends: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(operator.watch())
        working = tasks.create_task(operator.work())
        ending = tasks.create_task(ends.wait())
        await asyncio.wait((watching, working, ending), return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        operator.stop()
        if operator.is_synced:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(working), DRAIN_S)
        working.cancel()
        watching.cancel()
