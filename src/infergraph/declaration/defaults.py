"""What a manifest leaves out, filled in as the first version's controller does (SELDON_V1 §1.8)."""

from typing import Final

from msgspec.structs import replace

from infergraph.declaration.container import Container, ContainerPort, VolumeMount
from infergraph.declaration.default_settings import DefaultSettings
from infergraph.declaration.deployment import SeldonDeployment
from infergraph.declaration.endpoints import Endpoints
from infergraph.declaration.pod import PodSpec, SeldonPodSpec
from infergraph.declaration.port_numbers import PortNumbers
from infergraph.declaration.predictor import Predictor
from infergraph.declaration.unit import UNKNOWN_IMPLEMENTATION, PredictiveUnit, UnitType

_PODINFO: Final = VolumeMount(name="seldon-podinfo", mount_path="/etc/podinfo")
_OLD_PODINFO: Final = "podinfo"  # what the mount was called before release 1.2

STANDARD: Final = DefaultSettings()


def defaulted(deployment: SeldonDeployment, *, settings: DefaultSettings = STANDARD) -> SeldonDeployment:
    """The same deployment with everything said: ports, endpoints, types, images, mounts, labels.

    Pure, and the same again when done twice: what a unit or a container already states is kept.
    """
    ports = PortNumbers(settings)
    metadata = replace(deployment.metadata, namespace=deployment.namespace)
    deployment = replace(deployment, metadata=metadata)
    predictors = tuple(_predictor(predictor, deployment, ports, settings) for predictor in deployment.spec.predictors)
    return replace(deployment, spec=replace(deployment.spec, predictors=predictors))


def _predictor(
    predictor: Predictor, deployment: SeldonDeployment, ports: PortNumbers, settings: DefaultSettings
) -> Predictor:
    graph = _typed(predictor.graph)
    filled = replace(predictor, graph=graph, labels={"version": predictor.name, **predictor.labels})
    # The numbers go to the containers that the user wrote before those that are made here.
    _number(filled, ports)
    filled = _with_server_containers(filled)
    _number(filled, ports)
    filled = replace(filled, component_specs=_components(filled, deployment, ports, settings))
    return replace(filled, graph=Endpoints(filled, deployment, ports).fill(graph))


def _typed(unit: PredictiveUnit) -> PredictiveUnit:
    type_ = unit.type
    if unit.is_prepackaged or not (type_ or unit.methods or unit.implementation):
        type_ = UnitType.MODEL
    return replace(
        unit,
        type=type_,
        implementation=unit.implementation or UNKNOWN_IMPLEMENTATION,
        children=tuple(_typed(child) for child in unit.children),
    )


def _number(predictor: Predictor, ports: PortNumbers) -> None:
    units = {unit.name for unit in predictor.units()}
    for container in predictor.containers():
        ports.take(container, is_unit=container.name in units)


def _with_server_containers(predictor: Predictor) -> Predictor:
    containers = predictor.containers_by_name()
    units = {unit.name: unit for unit in predictor.units() if unit.is_prepackaged}
    made = tuple(Container(name=name) for name in units if name not in containers)
    if not made:
        return predictor
    first, *rest = predictor.component_specs or (SeldonPodSpec(),)
    pod = replace(first.spec, containers=first.containers + made) if first.spec else PodSpec(containers=made)
    return replace(predictor, component_specs=(replace(first, spec=pod), *rest))


def _components(
    predictor: Predictor, deployment: SeldonDeployment, ports: PortNumbers, settings: DefaultSettings
) -> tuple[SeldonPodSpec, ...]:
    units = {unit.name: unit for unit in predictor.units()}

    def filled(container: Container) -> Container:
        unit = units.get(container.name)
        if unit is None:
            return container
        return _container(_with_image(container, unit, deployment.spec.protocol, settings), ports, settings)

    return tuple(
        replace(component, spec=replace(component.spec, containers=tuple(map(filled, component.containers))))
        if component.spec
        else component
        for component in predictor.component_specs
    )


def _with_image(container: Container, unit: PredictiveUnit, protocol: str, settings: DefaultSettings) -> Container:
    server = settings.servers.get(unit.implementation)
    if container.image or protocol == "tensorflow" or not unit.is_prepackaged or server is None:
        return container
    return replace(container, image=server.image(protocol))


def _container(container: Container, ports: PortNumbers, settings: DefaultSettings) -> Container:
    mounts = tuple(mount for mount in container.volume_mounts if mount.name != _OLD_PODINFO)
    metrics = ContainerPort(name=settings.metrics_port_name, container_port=ports.metrics(container))
    return replace(
        container,
        image_pull_policy=container.image_pull_policy or "IfNotPresent",
        termination_message_path=container.termination_message_path or "/dev/termination-log",
        termination_message_policy=container.termination_message_policy or "File",
        volume_mounts=mounts if any(mount.name == _PODINFO.name for mount in mounts) else (*mounts, _PODINFO),
        ports=container.ports if container.port(metrics.name) else (*container.ports, metrics),
    )
