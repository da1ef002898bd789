"""Starts the workers of one generation: fresh processes that load for themselves, or forks of one."""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import structlog

from infergraph.local.fork_messages import Preload
from infergraph.local.fork_server_process import CannotShare, ForkServerProcess
from infergraph.local.messages import Start
from infergraph.local.worker_metrics import WorkerMetrics
from infergraph.local.worker_process import ShowLog, WorkerProcess, start_worker, start_worker_by

if TYPE_CHECKING:
    from infergraph.local.isolated.isolation import Isolation

log = structlog.get_logger("infergraph.workers")


class Launcher:
    """``threads`` are the variables of numeric libraries; ``is_preloading`` asks for forks, where those can be had.

    ``isolation`` are the microservices that the workers call.
    """

    def __init__(
        self,
        start: Start,
        threads: Mapping[str, str],
        *,
        show: ShowLog,
        show_load: Callable[[Mapping[str, Any]], None],
        metrics: WorkerMetrics,
        is_preloading: bool,
        isolation: "Isolation | None" = None,
    ) -> None:
        self._start = start
        self._threads = threads
        self._show = show
        self._show_load = show_load
        self._metrics = metrics
        self._is_preloading = is_preloading
        self._isolation = isolation
        self._is_leaving = False
        self._server: ForkServerProcess | None = None
        self._loading: asyncio.Task[None] | None = None

    @property
    def fork_server(self) -> int | None:
        """The process id of the fork server; None when there is none."""
        return self._server.pid if self._server is not None and self._server.is_loaded else None

    async def launch(self) -> WorkerProcess:
        """A new worker.

        :raises OSError: when the system grants no process.
        :raises LoadError: when what is to be shared does not load, or a microservice does not start.
        """
        if self._isolation is not None:
            await self._isolation.ready()
        server = await self._loaded_server() if self._is_preloading else None
        if server is None:
            environment = {name: value for name, value in self._threads.items() if name not in os.environ}
            return await start_worker(self._start, environment, self._show, self._metrics)
        return await start_worker_by(server.fork, self._start, self._show, self._metrics)

    def leave(self) -> None:
        """Start no more; what loads is given up."""
        self._is_leaving = True
        if self._isolation is not None:
            self._isolation.leave()
        if self._server is not None:
            self._server.leave()

    def kill(self) -> None:
        """End now what the workers call."""
        if self._isolation is not None:
            self._isolation.kill()

    async def end(self) -> None:
        """Every worker has ended."""
        if self._isolation is not None:
            await self._isolation.end()
        if self._loading is not None:
            await asyncio.wait([self._loading])
        if self._server is not None:
            await self._server.end()

    async def _loaded_server(self) -> ForkServerProcess | None:
        """The fork server, once it has loaded, which all places wait for; None when what it loads cannot be shared."""
        if self._loading is None or (self._loading.done() and self._is_to_be_replaced()):
            if self._server is not None:
                await self._server.end()
            self._server = ForkServerProcess(self._what(), self._descriptors(), self._show_load)
            self._loading = asyncio.create_task(self._server.load())
            if self._is_leaving:
                self._server.leave()
        try:
            await asyncio.shield(self._loading)
        except CannotShare as error:
            if self._is_preloading:
                self._is_preloading = False
                log.warning("not_preloaded", reason=f"{error}; each worker loads for itself")
            return None
        return self._server

    def _is_to_be_replaced(self) -> bool:
        assert self._loading is not None and self._server is not None  # noqa: S101, PT018 - who asks has looked
        return self._loading.exception() is not None or self._server.is_gone

    def _what(self) -> Preload:
        own = {name: os.environ.get(name, value) for name, value in self._threads.items()}
        return Preload(plan=self._start.plan, path=sys.path, threads=own)

    def _descriptors(self) -> list[int]:
        return self._start.descriptors
