"""One variant of a deployment."""

from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from infergraph.declaration.container import Container, EnvVar, ResourceRequirements
from infergraph.declaration.explainer import Explainer
from infergraph.declaration.int32 import Int32
from infergraph.declaration.pod import SeldonPodSpec
from infergraph.declaration.unit import PredictiveUnit


class SvcOrchSpec(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The engine's own resources and environment; its replicas when it has a pod of its own."""

    resources: ResourceRequirements | None = None
    env: tuple[EnvVar, ...] = ()
    replicas: Int32 | None = None


class Ssl(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The secret that holds the engine's certificate and key."""

    cert_secret_name: str = ""


class Predictor(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """SELDON_V1 §1.3. ``traffic`` is in per cent; for a shadow it is the share that is mirrored."""

    name: str
    graph: PredictiveUnit
    component_specs: tuple[SeldonPodSpec, ...] = ()
    replicas: Int32 | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
    engine_resources: ResourceRequirements | None = None  # read, and ignored as in the first version
    labels: Mapping[str, str] = field(default_factory=dict)
    svc_orch_spec: SvcOrchSpec | None = None
    traffic: Int32 = 0
    explainer: Explainer | None = None
    shadow: bool = False
    ssl: Ssl | None = None
    progress_deadline_seconds: Int32 | None = None

    def container(self, unit_name: str) -> Container | None:
        """The container that runs the unit of that name; the first one when the name is repeated."""
        return next((container for container in self.containers() if container.name == unit_name), None)

    def containers(self) -> Iterator[Container]:
        """Every container of every pod, in the order of the manifest."""
        for component in self.component_specs:
            yield from component.containers

    def containers_by_name(self) -> dict[str, Container]:
        """The containers by name, for those who look up many; the first one when a name is repeated."""
        found: dict[str, Container] = {}
        for container in self.containers():
            found.setdefault(container.name, container)
        return found

    def units(self) -> Iterator[PredictiveUnit]:
        """Every unit of the graph, parents first, children in their order."""
        return self.graph.walk()
