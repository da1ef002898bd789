"""The pod of one entry of ``componentSpecs``: the user's, with what the units and the engine need."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from infergraph.declaration import Container, PodSpec, VolumeMount
from infergraph.kubernetes.objects import security
from infergraph.kubernetes.objects.engine_container import GRACE_S, engine_container
from infergraph.kubernetes.objects.engine_predictor import fused_path
from infergraph.kubernetes.objects.fusion import ENGINE
from infergraph.kubernetes.objects.model_files import ModelFiles, model_files
from infergraph.kubernetes.objects.prepackaged import TF_SERVING, file_reader
from infergraph.kubernetes.objects.unit_container import unit_containers
from infergraph.kubernetes.objects.variant import EnginePlace, Variant
from infergraph.kubernetes.objects.volumes import volumes_for

_CERTIFICATE: Final = "seldon-cert-volume"


def component_pod(variant: Variant, index: int) -> PodSpec:
    """The pod spec of the component's Deployment.

    :raises BadManifest: when a unit's container cannot be made.
    """
    component = variant.predictor.component_specs[index]
    spec = component.spec or PodSpec(containers=())
    context = security.pod_security(spec, variant.settings)
    containers = [made for entry in spec.containers for made in _made(variant, entry, context)]
    files = [_files(variant, entry.name) for entry in spec.containers]
    entries = [_with_files(e, f) for e, f in zip(spec.containers, files, strict=True) if e.name in variant.fused]
    if variant.has_engine(index) and all(container.name != ENGINE for container in containers):
        containers.append(engine_container(variant, spec, context, entries))
    containers = [_mounting(variant, container) for container in containers]
    accounts = [unit.service_account_name for e in spec.containers if (unit := variant.units.get(e.name))]
    spec = replace(spec, service_account_name=next(filter(None, accounts), spec.service_account_name))
    return finished(
        variant, _with_model_files(spec, files), containers, context, has_certificate=index == _root_pod(variant)
    )


def engine_pod(variant: Variant) -> PodSpec:
    """The pod spec of an engine in a pod of its own."""
    context = security.pod_security(None, variant.settings)
    container = engine_container(variant, None, context, [])
    spec = PodSpec(containers=(), service_account_name=variant.settings.engine.service_account_name)
    return finished(variant, spec, [container], context, has_certificate=True)


def _made(variant: Variant, entry: Container, context: Any) -> tuple[Container, ...]:
    """What becomes of a container of the manifest: one beside the units stays as it is, and a fused one is none."""
    unit = variant.units.get(entry.name)
    is_completed_elsewhere = entry.name == TF_SERVING and any(
        file_reader(variant, unit) == TF_SERVING for unit in variant.units.values()
    )
    if entry.name in variant.fused or is_completed_elsewhere:
        return ()
    if unit is None or entry.name in (ENGINE, TF_SERVING):
        return (entry,)
    return unit_containers(variant, unit, entry, context)


def _files(variant: Variant, name: str) -> ModelFiles:
    unit = variant.units.get(name)
    if unit is None:
        return ModelFiles()
    if name in variant.fused:
        return model_files(variant, unit, server=name, path=fused_path(unit))
    return model_files(variant, unit, server=file_reader(variant, unit))


def _with_files(entry: Container, files: ModelFiles) -> Container:
    return replace(entry, volume_mounts=entry.volume_mounts + files.mounts)


def _mounting(variant: Variant, container: Container) -> Container:
    """The container with the model files that it reads; the engine has those of its units already."""
    have = {mount.name for mount in container.volume_mounts}
    readers = {file_reader(variant, unit): unit.name for unit in variant.units.values()}
    if container.name not in readers or readers[container.name] in variant.fused:
        return container
    mounts = _files(variant, readers[container.name]).mounts
    return replace(
        container, volume_mounts=(*container.volume_mounts, *(one for one in mounts if one.name not in have))
    )


def _with_model_files(spec: PodSpec, files: list[ModelFiles]) -> PodSpec:
    """An init container of the user's that has the name of one of ours does its work, and brings its volume."""
    own = {container.name for container in spec.init_containers}
    made = [one for one in files if one.initializer and one.initializer.name not in own]
    return replace(
        spec,
        init_containers=(*spec.init_containers, *(one.initializer for one in made if one.initializer)),
        volumes=_volumes(spec.volumes, (volume for one in made for volume in one.volumes)),
    )


def finished(
    variant: Variant, spec: PodSpec, containers: list[Container], context: Any, *, has_certificate: bool
) -> PodSpec:
    """The pod with what all of ours have: volumes, security, and what Kubernetes takes when nobody says anything."""
    volumes = list(volumes_for([*containers, *spec.init_containers]))
    if has_certificate and variant.certificate:
        volumes.append({"name": _CERTIFICATE, "secret": {"secretName": variant.certificate}})
        mount = VolumeMount(name=_CERTIFICATE, mount_path=variant.settings.engine.cert_mount_path, read_only=True)
        containers = [replace(one, volume_mounts=(*one.volume_mounts, mount)) for one in containers]
    return replace(
        spec,
        containers=tuple(map(_spelled_out, containers)),
        init_containers=tuple(map(_spelled_out, spec.init_containers)),
        volumes=_volumes(spec.volumes, volumes),
        security_context=context,
        restart_policy=spec.restart_policy or "Always",
        dns_policy=spec.dns_policy or "ClusterFirst",
        scheduler_name=spec.scheduler_name or "default-scheduler",
        termination_grace_period_seconds=_grace_s(spec),
    )


def _spelled_out(container: Container) -> Container:
    """Older clusters' server-side apply takes no port without its protocol, and quantities only as texts."""
    stated = container.resources
    if stated:
        requests, limits = _texts(stated.requests), _texts(stated.limits)
        container = replace(container, resources=replace(stated, requests=requests, limits=limits))
    return replace(container, ports=tuple(replace(port, protocol=port.protocol or "TCP") for port in container.ports))


def _texts(quantities: Mapping[str, str | int | float]) -> dict[str, str]:
    return {name: str(quantity) for name, quantity in quantities.items()}


def _grace_s(spec: PodSpec) -> int:
    stated = spec.termination_grace_period_seconds
    return GRACE_S if stated is None else stated


def _volumes(stated: tuple[Any, ...], more: Iterable[dict[str, Any]]) -> tuple[Any, ...]:
    """The user's volumes, and those that are missing, each name once."""
    found = {volume["name"]: volume for volume in stated if isinstance(volume, dict) and "name" in volume}
    added: dict[str, dict[str, Any]] = {}
    for volume in more:
        if volume["name"] not in found:
            added.setdefault(volume["name"], volume)
    return (*stated, *added.values())


def _root_pod(variant: Variant) -> int | None:
    """The pod of the root unit, or of the engine where that is built in; those have the certificate."""
    if variant.engine is EnginePlace.SEPARATE:
        return None
    for index, component in enumerate(variant.predictor.component_specs):
        if any(container.name == variant.predictor.graph.name for container in component.containers):
            return index
    return 0
