"""One component in this process: declared from the start, loaded once, drained at the end."""

import gc
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

import structlog

from infergraph.components import Operation
from infergraph.components.method import method_of
from infergraph.components.metrics import MetricsAlone
from infergraph.components.python_class import build
from infergraph.components.standalone import Standalone
from infergraph.graph.lane import Lane
from infergraph.local.announcement import Address, Announcement, Share
from infergraph.local.custom_service import METHOD
from infergraph.local.in_thread import in_daemon_thread
from infergraph.local.plan import Plan
from infergraph.local.settings import grpc_target, limits_for, timeout_of
from infergraph.local.unit_plan import UnitPlan
from infergraph.servers.microservice.app import microservice_application
from infergraph.servers.microservice.unit import ServedUnit
from infergraph.servers.paths import Paths
from infergraph.telemetry import MicroserviceMetrics, Registry, UnitMetrics

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
        self._plan = plan
        self._unit = unit
        declared = unit.declared()
        self.limits = limits_for(declared, plan.limits)
        metrics = MicroserviceMetrics(declared, self.registry)
        self._served = ServedUnit(declared, self.limits, timeout_s=timeout_of(declared), metrics=metrics)

    def application(self) -> Paths:
        """What answers over HTTP."""
        return microservice_application(
            self._served, passes_payload=self._unit.passes_payload, logs_access=self._unit.logs_access
        )

    def grpc_server(self) -> "GrpcServer":
        """What answers over gRPC."""
        from infergraph.servers.grpc_server import GrpcServer, GrpcServerKind
        from infergraph.servers.microservice.grpc_services import OneTarget, component_services

        return GrpcServer(
            [grpc_target(self._served)],
            self.limits,
            kind=GrpcServerKind(self._plan.grpc_server),
            services=partial(component_services, self._served),
            directory=OneTarget,
        )

    async def load(self) -> None:
        """Import and build the class, and call its ``load``, in a thread, so that the event loop goes on.

        :raises SetupError: when that fails.
        """
        component, protobuf = await in_daemon_thread(self._loaded)
        lane = Lane(
            component.unit,
            threads=component.threads,
            queue_length=self.limits.queue_length,
            batch_rows=self.limits.batch_rows,
            metrics=self._unit_metrics(),
        )
        passthrough = component.passthrough() if self._unit.passes_payload else None
        self._served.begin(component, lane, protobuf, passthrough)

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
        has_custom_service = method_of(self._served.only_component.target, METHOD) is not None
        return Announcement(url, grpc, [address], has_custom_service)

    def drain(self) -> None:
        """The process goes down: no longer ready, but what comes all the same is answered."""
        self._served.drain()

    async def end(self) -> None:
        """Every request is answered: nothing is left beside them."""

    def _unit_metrics(self) -> UnitMetrics:
        return self._served.metrics.unit(self._served.main, self._unit.unit, self._unit.image)

    def _loaded(self) -> tuple[Standalone, dict[str, Operation]]:
        started, unit = perf_counter(), self._unit
        fields = {"deployment": unit.deployment, "predictor": unit.predictor, "unit": unit.name}
        log.info("unit_loading", **fields, source=unit.python_class)
        target = build(unit.python_class, unit.folder, unit.parameters, unit.name)
        its = self._unit_metrics()
        component = Standalone(
            unit.name,
            target,
            unit=unit.unit,
            image=unit.image,
            threads=unit.threads,
            reporter=its if unit.counts_feedback else MetricsAlone(its),
            shows_metrics=unit.shows_metrics,
        )
        component.described = dict(unit.described)
        component.load()
        protobuf = self._protobuf_operations(component)
        seconds = perf_counter() - started
        its.loaded(seconds)
        log.info("unit_loaded", **fields, source=unit.python_class, seconds=round(seconds, 3))
        gc.collect()
        gc.freeze()  # as for deployments: each look at all that libraries brought holds requests up
        return component, protobuf

    def _protobuf_operations(self, component: Standalone) -> dict[str, Operation]:
        """:raises LoadError: when one of its methods asks for more than it is called with."""
        operations = component.operations()
        if self._plan.grpc_port is None:
            return {}
        from infergraph.components.protobuf_form import protobuf_operations

        return protobuf_operations(component, operations, self.limits.json_depth)
