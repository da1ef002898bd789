"""A deployment as the server sees it."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

from infergraph.components import Component
from infergraph.declaration import Predictor, SeldonDeployment
from infergraph.errors import ComponentFailed, NotFound, NotReady
from infergraph.graph.metadata import graph_metadata
from infergraph.graph.remote import RemoteUnit
from infergraph.graph.step import Executable
from infergraph.graph.traffic import ROUTING_KEY
from infergraph.payloads.payload import JsonObject
from infergraph.servers.deadline import NO_DEADLINE, Deadline
from infergraph.servers.limits import Limits
from infergraph.servers.statistics import Statistics, counted
from infergraph.telemetry import DeploymentMetrics, Registry

Components = Mapping[str, Mapping[str, Component | RemoteUnit]]


class Served:
    """One deployment: its declaration from the start, and what runs it once everything is loaded.

    ``registry`` is where it is measured, the same one for all that a process serves, under ``measured_as``; ``metrics``
    are others than the usual ones. A request has ``timeout_s`` for each of its ``calls``: one, where no unit runs in
    another process.
    """

    def __init__(
        self,
        deployment: SeldonDeployment,
        limits: Limits,
        *,
        timeout_s: float | None = None,
        calls: int = 1,
        registry: Registry | None = None,
        metrics: DeploymentMetrics | None = None,
        measured_as: str = "",
    ) -> None:
        self.deployment = deployment
        self.path = f"/seldon/{deployment.namespace}/{deployment.name}"
        self.limits = limits
        self.metrics = metrics or DeploymentMetrics(deployment, registry, ROUTING_KEY, measured_as)
        self.calls = calls
        self._timeout_s = timeout_s
        self._executable: Executable | None = None
        self._components: Components = {}
        self._is_draining = False
        self.are_units_reachable = True
        """Whether somebody listens at the address of every unit that runs in another process."""

    @property
    def is_ready(self) -> bool:
        """Whether every model is loaded, every unit can be reached and requests are welcome."""
        return self._executable is not None and self.are_units_reachable and not self._is_draining

    def start(self, executable: Executable, components: Components) -> None:
        """Everything is loaded: from now on requests are answered."""
        self._executable, self._components = executable, components

    def drain(self) -> None:
        """The server goes down: no longer ready, but what comes all the same is answered."""
        self._is_draining = True

    def deadline(self) -> AbstractAsyncContextManager[None]:
        """The time that one request has in the graph; a new one for each."""
        return NO_DEADLINE if self._timeout_s is None else Deadline(self._timeout_s, calls=self.calls)

    async def statistics(self) -> Statistics:
        """How many requests all workers have answered."""
        return counted(await self.metrics.registry.scrape(), self.metrics.name)

    @property
    def executable(self) -> Executable:
        """:raises NotReady: before everything is loaded."""
        if self._executable is None:
            raise NotReady(f"The models of {self.deployment.name} are loading; try again in a moment")
        return self._executable

    @property
    def main(self) -> Predictor:
        """The predictor that speaks for the deployment where only one can: the first that is no shadow."""
        return next(predictor for predictor in self.deployment.spec.predictors if not predictor.shadow)

    def component(self, unit: str) -> Component | RemoteUnit:
        """The component of a unit, of the first predictor that has one of this name.

        :raises NotFound: when there is none; NotReady before everything is loaded.
        """
        _ = self.executable
        for components in self._components.values():
            if unit in components:
                return components[unit]
        names = sorted({name for components in self._components.values() for name in components})
        raise NotFound(f"There is no unit {unit!r:.100}; the units are {', '.join(names)}")

    def components(self, predictor: str) -> Mapping[str, Component | RemoteUnit]:
        """The components of one predictor. :raises NotReady: before everything is loaded."""
        _ = self.executable
        return self._components[predictor]

    def metadata(self) -> JsonObject:
        """What the main predictor says of itself (SELDON_V1 §3.7).

        :raises NotReady: before everything is loaded; ComponentFailed when a unit cannot say what it is.
        """
        return graph_metadata(self.main, self.components(self.main.name))

    def graph_metadata(self) -> JsonObject | None:
        """The same for those who can do without: None when it is not to be had."""
        try:
            return self.metadata()
        except (NotReady, ComponentFailed):
            return None
