"""The deployments of a plan in this process: declared from the start, loaded once, drained at the end."""

import asyncio
import gc
import threading
from collections.abc import Callable, Sequence

import msgspec
import structlog

from infergraph.declaration import Manifest, defaulted
from infergraph.graph.compile import compile_deployment
from infergraph.graph.load import Preloads, Sources, load_deployment
from infergraph.graph.shadow import Shadows
from infergraph.graph.step import Executable
from infergraph.local.left_out import left_out
from infergraph.local.plan import Plan
from infergraph.local.settings import grpc_target, limits_for, timeout_of, widest
from infergraph.servers.served import Components, Served
from infergraph.telemetry import Registry

log = structlog.get_logger("infergraph.run")

SHADOW_DRAIN_S = 5.0


class Loaded(msgspec.Struct, frozen=True):
    """One deployment, ready to answer."""

    executable: Executable
    components: Components


class Deployments:
    """What a serving process serves, and the registry in which it is measured.

    ``preloads`` are the objects of each manifest, where this process was forked from one that has loaded them.

    :raises BadManifest: when an annotation is not what it has to be.
    """

    def __init__(
        self, plan: Plan, registry: Registry | None = None, preloads: Sequence[Preloads] | None = None
    ) -> None:
        self.registry = registry or Registry()
        self._plan = plan
        self._preloads: Sequence[Preloads | None] = preloads or [None] * len(plan.manifests)
        self._manifests = [defaulted_manifest(manifest) for manifest in plan.manifests]
        deployments = [manifest.deployment for manifest in self._manifests]
        self._limits = [limits_for(deployment, plan.limits) for deployment in deployments]
        self.served = [
            Served(deployment, limits, timeout_s=timeout_of(deployment), registry=self.registry)
            for deployment, limits in zip(deployments, self._limits, strict=True)
        ]
        for deployment in deployments:
            for sentence in left_out(deployment):
                log.warning("not_run_here", deployment=deployment.name, what=sentence)
        self.targets = [grpc_target(served) for served in self.served]
        self.limits = widest(self._limits)
        self._shadows = Shadows()

    async def load(self) -> None:
        """Load every model, in a thread, so that the event loop goes on.

        :raises SetupError: when one does not load.
        """
        loaded = await _in_daemon_thread(self._loaded)
        for served, one in zip(self.served, loaded, strict=True):
            served.start(one.executable, one.components)

    def drain(self) -> None:
        """The process goes down: no longer ready, but what comes all the same is answered."""
        for served in self.served:
            served.drain()

    async def end(self) -> None:
        """Every request is answered: wait for the copies that shadows still work on."""
        await self._shadows.drain(SHADOW_DRAIN_S)

    def _loaded(self) -> list[Loaded]:
        sources = Sources(self._plan.artifacts, self._plan.classes)
        loaded = []
        for manifest, served, preloads in zip(self._manifests, self.served, self._preloads, strict=True):
            components = load_deployment(manifest, sources, served.metrics, preloads)
            loaded.append(Loaded(self._compiled(served, components), components))
        gc.collect()
        gc.freeze()  # what libraries and models brought stays: each look at all of it held requests up for 77 ms
        return loaded

    def _compiled(self, served: Served, components: Components) -> Executable:
        return compile_deployment(
            served.deployment,
            components,
            shadows=self._shadows,
            queue_length=served.limits.queue_length,
            batch_rows=served.limits.batch_rows,
            metrics=served.metrics,
        )


def defaulted_manifest(manifest: Manifest) -> Manifest:
    """The manifest with everything that it leaves open filled in."""
    return msgspec.structs.replace(manifest, deployment=defaulted(manifest.deployment))


async def _in_daemon_thread(function: Callable[[], list[Loaded]]) -> list[Loaded]:
    """The result of a function that may take for ever: its thread does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[Loaded]] = loop.create_future()

    def set_result(result: list[Loaded] | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        elif result is not None:
            future.set_result(result)

    def run() -> None:
        result, error = None, None
        try:
            result = function()
        except Exception as raised:  # noqa: BLE001 - handed to who waits
            error = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(set_result, result, error)

    threading.Thread(target=run, name="load", daemon=True).start()
    return await future
