"""Where each unit of a predictor is reached."""

from msgspec.structs import replace

from infergraph.declaration.container import Container
from infergraph.declaration.deployment import SeldonDeployment
from infergraph.declaration.hosts import container_service_name, has_separate_engine
from infergraph.declaration.port_numbers import PortNumbers
from infergraph.declaration.predictor import Predictor
from infergraph.declaration.unit import Endpoint, EndpointType, PredictiveUnit


class Endpoints:
    """The endpoints of the units of one predictor (SELDON_V1 §1.8, step 6)."""

    def __init__(self, predictor: Predictor, deployment: SeldonDeployment, ports: PortNumbers) -> None:
        first_pod = predictor.component_specs[:1]
        self._predictor = predictor
        self._deployment = deployment
        self._ports = ports
        self._containers = predictor.containers_by_name()
        self._beside_engine = {container.name for component in first_pod for container in component.containers}
        if has_separate_engine(deployment):
            self._beside_engine = set()

    def fill(self, unit: PredictiveUnit) -> PredictiveUnit:
        """The unit and all below it, each with the endpoint of its container, where it has one."""
        container = self._containers.get(unit.name)
        return replace(
            unit,
            children=tuple(self.fill(child) for child in unit.children),
            endpoint=self._endpoint(unit, container) if container else unit.endpoint,
        )

    def _endpoint(self, unit: PredictiveUnit, container: Container) -> Endpoint:
        stated = unit.endpoint or Endpoint()
        # Numbers that a unit states are kept; otherwise a container made on a first pass, which comes earlier in its
        # pod than it was counted, would get other numbers on a second.
        http = container.port("http") or stated.http_port or self._ports.http(container)
        grpc = container.port("grpc") or stated.grpc_port or self._ports.grpc(container)
        is_grpc = stated.type == EndpointType.GRPC or self._deployment.spec.transport == "grpc"
        return replace(
            stated,
            service_host=self._host(unit.name),
            service_port=grpc if is_grpc else http,
            http_port=http,
            grpc_port=grpc,
        )

    def _host(self, unit: str) -> str:
        """``localhost`` for a container that shares the engine's pod, else the DNS name of its Service."""
        if unit in self._beside_engine:
            return "localhost"
        service = container_service_name(self._deployment.name, self._predictor.name, unit)
        return f"{service}.{self._deployment.namespace}.svc.cluster.local"
