"""The deployments of a plan in this process: declared from the start, loaded once, drained at the end."""

import gc
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import structlog

from infergraph.declaration import Manifest, SeldonDeployment, defaulted
from infergraph.graph.compile import compile_deployment
from infergraph.graph.load import Preloads, Remote, Sources, load_deployment
from infergraph.graph.longest_way import calls_in_a_row
from infergraph.graph.remote import Addresses, remote_addresses
from infergraph.graph.remote.address import parsed
from infergraph.graph.remote.transports import Transports
from infergraph.graph.shadow import Shadows
from infergraph.graph.step import Executable
from infergraph.local.announcement import Announcement, announcement
from infergraph.local.in_thread import in_daemon_thread
from infergraph.local.left_out import left_out
from infergraph.local.plan import Plan
from infergraph.local.reachability import Reachability
from infergraph.local.settings import call_limits, grpc_target, limits_for, timeout_of, widest
from infergraph.local.started import started_for
from infergraph.servers.app import Application
from infergraph.servers.served import Components, Served
from infergraph.servers.tls import GRPC
from infergraph.telemetry import Registry

if TYPE_CHECKING:
    from infergraph.servers.grpc_server import GrpcServer

log = structlog.get_logger("infergraph.run")

SHADOW_DRAIN_S = 5.0


class Loaded(msgspec.Struct, frozen=True):
    """One deployment, ready to answer."""

    executable: Executable
    components: Components


class Deployments:
    """What a serving process serves, and the registry in which it is measured.

    ``preloads`` are the objects of each manifest, where this process was forked from one that has loaded them.

    :raises BadManifest: when an annotation is not what it has to be; LoadError when an address is none.
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
        self._addresses = [addresses_of(plan, raw.deployment) for raw in plan.manifests]
        self.served = [
            Served(
                deployment,
                limits,
                timeout_s=timeout_of(deployment),
                calls=_calls(deployment, addresses),
                registry=self.registry,
                measured_as=name,
            )
            for deployment, limits, addresses, name in zip(
                deployments, self._limits, self._addresses, _told_apart(deployments), strict=True
            )
        ]
        for deployment in deployments:
            for sentence in left_out(deployment, speaks_tls=plan.certificate is not None):
                log.warning("not_run_here", deployment=deployment.name, what=sentence)
        self.targets = [grpc_target(served) for served in self.served]
        self.limits = widest(self._limits)
        self._shadows = Shadows()
        self._transports = Transports()
        self._reachability: Reachability | None = None

    def application(self) -> Application:
        """What answers over HTTP."""
        return Application(self.served, metrics_path=self._plan.metrics_path)

    def grpc_server(self) -> "GrpcServer":
        """What answers over gRPC."""
        from infergraph.servers.grpc_server import GrpcServer, GrpcServerKind

        kind = GrpcServerKind(self._plan.grpc_server)
        return GrpcServer(self.targets, self.limits, kind=kind, tls=self._plan.tls(GRPC))

    def announcement(self, url: str, grpc: str | None) -> Announcement:
        """What there is to tell once everything is loaded."""
        return announcement(url, self.served, grpc)

    async def load(self) -> None:
        """Load every model, in a thread, so that the event loop goes on.

        :raises SetupError: when one does not load.
        """
        loaded = await in_daemon_thread(self._loaded)
        self._reachability = Reachability(
            zip(self.served, [one.components for one in loaded], strict=True),
            full_health_checks=self._plan.full_health_checks,
        )
        await self._reachability.begin()
        for served, one in zip(self.served, loaded, strict=True):
            served.start(one.executable, one.components)

    def drain(self) -> None:
        """The process goes down: no longer ready, but what comes all the same is answered."""
        for served in self.served:
            served.drain()

    async def end(self) -> None:
        """Every request is answered: wait for the copies that shadows still work on."""
        await self._shadows.drain(SHADOW_DRAIN_S)
        if self._reachability is not None:
            self._reachability.end()
        await self._transports.close()

    def _loaded(self) -> list[Loaded]:
        sources = sources_of(self._plan)
        loaded = []
        for manifest, served, addresses, preloads in zip(
            self._manifests, self.served, self._addresses, self._preloads, strict=True
        ):
            remote = self._remote(served, addresses)
            components = load_deployment(manifest, sources, served.metrics, preloads, remote)
            loaded.append(Loaded(self._compiled(served, components), components))
        gc.collect()
        gc.freeze()  # what libraries and models brought stays: each look at all of it held requests up for 77 ms
        return loaded

    def _remote(self, served: Served, addresses: Addresses) -> Remote | None:
        if not any(addresses.values()):
            return None
        return Remote(addresses, self._transports, call_limits(served.deployment, served.limits))

    def _compiled(self, served: Served, components: Components) -> Executable:
        return compile_deployment(
            served.deployment,
            components,
            shadows=self._shadows,
            queue_length=served.limits.queue_length,
            batch_rows=served.limits.batch_rows,
            metrics=served.metrics,
            tells_all=self._plan.tells_all,
        )


def sources_of(plan: Plan) -> Sources:
    """Where the code and the models of a plan come from."""
    return Sources(plan.artifacts, plan.classes, plan.endpoints, plan.servers)


def addresses_of(plan: Plan, stated: SeldonDeployment) -> Addresses:
    """The units of a deployment, as its author wrote it, that run in other processes.

    :raises LoadError: when the address of one cannot be read.
    """
    declared = remote_addresses(stated, plan.endpoints, plan.classes)
    started = started_for(stated, plan.started)
    return {
        predictor: {**units, **{unit: parsed(text, unit) for unit, text in started[predictor].items()}}
        for predictor, units in declared.items()
    }


def _calls(deployment: SeldonDeployment, addresses: Addresses) -> int:
    """How often the time of a call a request has: once, or, as upstream, each call (SELDON_V1 §3.5).

    Then once more for all else, so that a unit that is too slow is named by its own call.
    """
    predictors = [predictor for predictor in deployment.spec.predictors if addresses[predictor.name]]
    return max((calls_in_a_row(predictor) + 1 for predictor in predictors), default=1)


def _told_apart(deployments: Sequence[SeldonDeployment]) -> list[str]:
    """What metrics call each deployment: its name, with the namespace before it where several have the same name."""
    counts = Counter(one.name for one in deployments)
    return [one.name if counts[one.name] == 1 else f"{one.namespace}/{one.name}" for one in deployments]


def defaulted_manifest(manifest: Manifest) -> Manifest:
    """The manifest with everything that it leaves open filled in."""
    return msgspec.structs.replace(manifest, deployment=defaulted(manifest.deployment))
