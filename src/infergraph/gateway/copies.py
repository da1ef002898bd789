"""Copies of requests for a shadow, as the gateway sends them."""

from collections.abc import Coroutine
from typing import Any

import structlog

from infergraph.graph.copy_tasks import CopyTasks

log = structlog.get_logger("infergraph.gateway")


class Copies(CopyTasks):
    """Those of a gateway."""

    def __init__(self) -> None:
        super().__init__(log)

    def send(self, copy: Coroutine[Any, Any, object]) -> None:
        """Begin to send one. What it raises is only logged."""
        self.begin(_run(copy))


async def _run(copy: Coroutine[Any, Any, object]) -> None:
    try:
        await copy
    except Exception as error:  # noqa: BLE001 - a shadow may fail in every way that there is
        log.warning("shadow_failed", error=f"{type(error).__name__}: {error}")
