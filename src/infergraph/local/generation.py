"""A generation: the workers that serve one reading of the manifests."""

import asyncio
from collections.abc import Callable

import structlog

from infergraph.errors import LoadError
from infergraph.local.launcher import Launcher
from infergraph.local.memory import shared_by
from infergraph.local.monitor import monitor
from infergraph.local.place import Place
from infergraph.local.plan import Plan
from infergraph.local.worker_process import WorkerProcess
from infergraph.local.worker_settings import WorkerSettings

log = structlog.get_logger("infergraph.workers")


class Generation:
    """Some workers of one plan, each in its place. ``on_change`` is called when one becomes ready, or ends."""

    def __init__(
        self,
        number: int,
        plan: Plan,
        settings: WorkerSettings,
        launcher: Launcher,
        *,
        on_change: Callable[[], None],
        tasks: asyncio.TaskGroup,
    ) -> None:
        self.number = number
        self.plan = plan
        self.workers: list[WorkerProcess] = []
        self.restarts = 0
        self._settings = settings
        self.launcher = launcher
        self._on_change = on_change
        self._group = tasks
        self._is_leaving = self._is_killed = False
        self._is_finished = True
        self._places = [Place(index, self._start) for index in range(settings.count)]
        self._tasks = [tasks.create_task(place.keep()) for place in self._places]

    @property
    def ready(self) -> dict[int, WorkerProcess]:
        """The workers that are to answer requests, by place."""
        return {worker.place: worker for worker in self.workers if worker.is_ready}

    async def settled(self) -> None:
        """Until each place had a worker that is ready, or one that cannot start; at least one is ready.

        :raises LoadError: when none can start.
        """
        outcomes = await asyncio.gather(*(place.first for place in self._places))
        failures = [sentence for sentence in outcomes if sentence is not None]
        if len(failures) == len(outcomes):
            raise LoadError(failures[0])
        for place in self._places:
            place.failures_are_told = True
        for sentence in failures:
            log.error("worker_failed", generation=self.number, error=sentence)
        self._tell_of_memory()

    async def all_ready(self) -> None:
        """Until every place has a worker that is ready.

        :raises LoadError: as soon as one cannot start.
        """
        for first in asyncio.as_completed([place.first for place in self._places]):
            if (sentence := await first) is not None:
                raise LoadError(sentence)
        for place in self._places:
            place.failures_are_told = True
        self._tell_of_memory()

    def leave(self, *, is_replaced: bool) -> None:
        """Let every worker finish what it has, and end."""
        self._is_leaving = True
        self.launcher.leave()
        for place in self._places:
            place.leave()
        for worker in self.workers:
            worker.leave(is_replaced=is_replaced)

    async def gone(self) -> None:
        """Until no worker accepts connections any more."""
        await asyncio.gather(*(worker.gone.wait() for worker in self.workers))

    def stop(self) -> None:
        """Let every worker refuse what it has, and end."""
        for worker in self.workers:
            worker.stop()

    def kill(self) -> None:
        """End every worker now."""
        self._is_killed = True
        self.leave(is_replaced=True)
        for worker in self.workers:
            worker.kill()
        self.launcher.kill()

    async def ended(self) -> bool:
        """Until every worker has ended. Returns whether each of them could finish what it had."""
        while pending := [task for task in self._tasks if not task.done()]:
            await asyncio.wait(pending)
        await self.launcher.end()
        return self._is_finished

    async def _start(self, place: int) -> WorkerProcess:
        worker = await self.launcher.launch()
        worker.place, worker.generation = place, self.number
        worker.is_first = not self._places[place].first.done()
        self.workers.append(worker)
        self._tasks.append(self._group.create_task(self._attend(worker)))
        if self._is_leaving:
            worker.leave(is_replaced=True)
        return worker

    async def _attend(self, worker: WorkerProcess) -> None:
        watching = asyncio.create_task(
            monitor(worker, heartbeat_s=self._settings.heartbeat_s, memory_bytes=self._settings.memory_bytes)
        )
        telling = asyncio.create_task(self._tell(worker))
        await worker.attend()
        for task in (watching, telling):
            task.cancel()
        self.workers.remove(worker)
        self._note_end(worker)
        self._on_change()

    async def _tell(self, worker: WorkerProcess) -> None:
        """When it is ready, and when it goes because somebody else told it to."""
        await worker.settled.wait()
        log.info(
            "worker_ready",
            worker=worker.pid,
            generation=self.number,
            ready=len(self.ready),
            workers=self._settings.count,
        )
        self._on_change()
        await worker.done_with.wait()
        self._on_change()

    def _tell_of_memory(self) -> None:
        """How much is saved, where the workers share their models."""
        ready = [worker.pid for worker in self.ready.values()]
        if (server := self.launcher.fork_server) is not None and (found := shared_by(ready, server)) is not None:
            saved_mb, private_mb = (round(size / 1e6, 1) for size in (found.saved, found.private))
            log.info("preloaded", workers=len(ready), saved_mb=saved_mb, private_mb=private_mb)

    def _note_end(self, worker: WorkerProcess) -> None:
        if self._is_killed or (worker.exit_code == 0 and worker.is_leaving):
            return
        self._is_finished = self._is_finished and not self._is_leaving
        if worker.failure is None and not (self._is_leaving and worker.announcement is None):
            self.restarts += 1
            worker.metrics.restarted(worker.why_ended)
            log.error("worker_ended", worker=worker.pid, generation=self.number, reason=worker.why_ended)
