"""The container of a unit that runs in a process of its own (SELDON_V1 §2.3, §5.2)."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from infergraph.declaration import Container, ContainerPort, EndpointType, PredictiveUnit
from infergraph.errors import BadManifest
from infergraph.kubernetes.objects import probes
from infergraph.kubernetes.objects.own_server import own_server
from infergraph.kubernetes.objects.prepackaged import prepackaged
from infergraph.kubernetes.objects.unit_environment import unit_environment
from infergraph.kubernetes.objects.variant import Variant


def unit_containers(variant: Variant, unit: PredictiveUnit, entry: Container, pod: Any) -> tuple[Container, ...]:
    """What runs the unit: its container, completed, and for some servers one more beside it.

    :raises BadManifest: when nothing says which image that would be.
    """
    entry = replace(entry, ports=_ports(unit, entry))
    if runtime := _runtime(variant, unit, entry):
        return (_completed(variant, unit, own_server(variant, unit, entry, runtime, pod)),)
    if unit.is_prepackaged:
        entry, *beside = prepackaged(variant, unit, entry)
        return (_completed(variant, unit, _with_image(variant, unit, entry)), *beside)
    return (_completed(variant, unit, _with_image(variant, unit, entry)),)


def _runtime(variant: Variant, unit: PredictiveUnit, entry: Container) -> str:
    return variant.settings.runtime(unit.implementation) if unit.is_prepackaged and not entry.image else ""


def _with_image(variant: Variant, unit: PredictiveUnit, entry: Container) -> Container:
    if entry.image:
        return entry
    if unit.is_prepackaged:
        raise BadManifest(
            f"predictor {variant.predictor.name}: unit {unit.name}: there is no server {unit.implementation} for the "
            f"protocol {variant.protocol}; choose another `spec.protocol`, say the image in a container called "
            f"{unit.name}, or, where our image has it, name it among the `runtimes` of the settings"
        )
    raise BadManifest(
        f"predictor {variant.predictor.name}: unit {unit.name}: its container has no image; say which image runs it"
    )


def _completed(variant: Variant, unit: PredictiveUnit, container: Container) -> Container:
    port = "grpc" if variant.is_grpc or _is_grpc(unit) else "http"
    handler = probes.tcp(port)
    return replace(
        container,
        env=unit_environment(variant, unit, container),
        liveness_probe=container.liveness_probe or probes.probe(handler, delay_s=60),
        readiness_probe=container.readiness_probe or probes.probe(handler, delay_s=20),
        lifecycle=container.lifecycle or probes.PRE_STOP,
    )


def _is_grpc(unit: PredictiveUnit) -> bool:
    return unit.endpoint is not None and unit.endpoint.type is EndpointType.GRPC


def _ports(unit: PredictiveUnit, entry: Container) -> tuple[ContainerPort, ...]:
    assert unit.endpoint is not None  # noqa: S101 - defaulting gives one to every unit with a container
    ports = list(entry.ports)
    for name, number in (("http", unit.endpoint.http_port), ("grpc", unit.endpoint.grpc_port)):
        if number is not None and entry.port(name) is None:
            ports = _with_port(ports, name, number)
    return tuple(ports)


def _with_port(ports: Sequence[ContainerPort], name: str, number: int) -> list[ContainerPort]:
    """A number stands once, or server-side apply refuses the pod: one that has another name takes this one."""
    others = [port for port in ports if port.container_port != number]
    return [*others, ContainerPort(name=name, container_port=number)]
