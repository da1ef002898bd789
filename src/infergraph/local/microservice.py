"""One component in this process: declared from the start, loaded once, drained at the end."""

import gc
from time import perf_counter
from typing import TYPE_CHECKING

import structlog

from infergraph.components.python_class import build
from infergraph.components.standalone import Standalone
from infergraph.graph.lane import Lane
from infergraph.local.announcement import Address, Announcement, Share
from infergraph.local.in_thread import in_daemon_thread
from infergraph.local.plan import Plan
from infergraph.local.settings import limits_for, timeout_of
from infergraph.local.unit_plan import UnitPlan
from infergraph.servers.microservice.app import MicroserviceApplication
from infergraph.servers.microservice.unit import ServedUnit, Steps, steps_of
from infergraph.telemetry import MicroserviceMetrics, Registry

if TYPE_CHECKING:
    from infergraph.servers.grpc_server import GrpcServer

log = structlog.get_logger("infergraph.load")

EXAMPLE = '{"data":{"ndarray":[[1.0,2.0]]}}'


class Microservice:
    """What a microservice's process serves, and the registry in which it is measured.

    :raises BadManifest: when an annotation is not what it has to be.
    """

    def __init__(self, plan: Plan, unit: UnitPlan, registry: Registry | None = None) -> None:
        self.registry = registry or Registry()
        self._unit = unit
        declared = unit.declared()
        self.limits = limits_for(declared, plan.limits)
        metrics = MicroserviceMetrics(declared, self.registry)
        self._served = ServedUnit(declared, self.limits, timeout_s=timeout_of(declared), metrics=metrics)

    def application(self) -> MicroserviceApplication:
        """What answers over HTTP."""
        return MicroserviceApplication(self._served)

    def grpc_server(self, *, is_port_shared: bool = False) -> "GrpcServer":
        """What answers over gRPC."""
        raise NotImplementedError

    async def load(self) -> None:
        """Import and build the class, and call its ``load``, in a thread, so that the event loop goes on.

        :raises SetupError: when that fails.
        """
        component, steps = await in_daemon_thread(self._loaded)
        self._served.begin(component, steps)

    def announcement(self, url: str, grpc: str | None) -> Announcement:
        """What there is to tell once it is loaded."""
        name, predict = self._unit.name, f"{url}/predict"
        curl = f"curl -s {predict} -H 'Content-Type: application/json' -d '{EXAMPLE}'"
        address = Address(
            name=name,
            namespace="",
            short=predict,
            predictions=f"{url}/api/v1.0/predictions",
            docs=f"{url}/seldon.json",
            curl=curl,
            grpc="seldon.protos.Model/Predict",
            shares=[Share(self._unit.predictor, 0, is_shadow=False)],
        )
        return Announcement(url, grpc, [address])

    def drain(self) -> None:
        """The process goes down: no longer ready, but what comes all the same is answered."""
        self._served.drain()

    async def end(self) -> None:
        """Every request is answered: nothing is left beside them."""

    def _loaded(self) -> tuple[Standalone, Steps]:
        started, unit = perf_counter(), self._unit
        fields = {"deployment": unit.deployment, "predictor": unit.predictor, "unit": unit.name}
        log.info("unit_loading", **fields, source=unit.python_class)
        target = build(unit.python_class, unit.folder, unit.parameters, unit.name)
        its = self._served.metrics.unit(self._served.main, unit.unit, unit.image)
        component = Standalone(
            unit.name,
            target,
            unit=unit.unit,
            image=unit.image,
            threads=unit.threads,
            reporter=its,
            shows_metrics=unit.shows_metrics,
        )
        component.load()
        lane = Lane(
            unit.name,
            threads=unit.threads,
            queue_length=self.limits.queue_length,
            batch_rows=self.limits.batch_rows,
            metrics=its,
        )
        steps = steps_of(component, lane)
        seconds = perf_counter() - started
        its.loaded(seconds)
        log.info("unit_loaded", **fields, source=unit.python_class, seconds=round(seconds, 3))
        gc.collect()
        gc.freeze()  # as for deployments: each look at all that libraries brought holds requests up
        return component, steps
