"""The container that executes a predictor's graph (SELDON_V1 §2.5), and in it the units that are fused."""

from typing import Any, Final

from msgspec.structs import replace

from infergraph.declaration import Container, ContainerPort, EnvVar, PodSpec, ResourceRequirements
from infergraph.kubernetes.objects import probes, security
from infergraph.kubernetes.objects.engine_predictor import engine_predictor
from infergraph.kubernetes.objects.fusion import ENGINE, joined
from infergraph.kubernetes.objects.number import number
from infergraph.kubernetes.objects.unit_environment import variables, with_fixed
from infergraph.kubernetes.objects.variant import Variant
from infergraph.kubernetes.objects.volumes import PODINFO_MOUNT, with_scratch

GRACE_S: Final = 20
"""How long a pod has to end, unless its spec says otherwise (SELDON_V1 §2.3)."""
_SLACK_S: Final = 2
_EXECUTOR_DELAY_S: Final = 20
_FLAG: Final = "seldon.io/engine-"
_SEPARATE: Final = "seldon.io/engine-separate-pod"
_QUEUE: Final = "seldon.io/executor-logger-queue-size"
_WRITE_TIMEOUT: Final = "seldon.io/executor-logger-write-timeout-ms"


def engine_container(variant: Variant, spec: PodSpec | None, pod_context: Any, entries: list[Container]) -> Container:
    """The engine of a pod of ``spec``; ``entries`` are what the user says of the containers of fused units.

    :raises BadManifest: when an annotation that is a number says none.
    """
    if variant.settings.engine.image:
        return _of_others(variant)
    settings = variant.settings
    engine = Container(
        name=ENGINE,
        image=settings.image,
        image_pull_policy=settings.image_pull_policy,
        args=(*_args(variant), *_end(variant, spec)),
        env=_environment(variant),
        ports=_ports(variant),
        resources=_resources(variant),
        volume_mounts=(PODINFO_MOUNT,),
    )
    whole = joined(engine, entries)
    return replace(
        whole,
        env=with_fixed([*whole.env, *_of_annotations(variant, whole)], []),
        volume_mounts=with_scratch(whole.volume_mounts),
        liveness_probe=_probe(variant, "/live", 20, [entry.liveness_probe for entry in entries]),
        readiness_probe=_probe(variant, "/ready", 1, [entry.readiness_probe for entry in entries]),
        security_context=security.strict(_stated(entries), pod_context),
    )


def _of_others(variant: Variant) -> Container:
    """A v1 executor: what it is told and asked is all that it knows (SELDON_V1 §2.5)."""
    engine = variant.settings.engine
    container = Container(
        name=ENGINE,
        image=engine.image,
        image_pull_policy=engine.image_pull_policy,
        args=_args(variant),
        env=_environment(variant),
        ports=_ports(variant),
        resources=_resources(variant),
        volume_mounts=(PODINFO_MOUNT,),
        liveness_probe=_probe(variant, "/live", _EXECUTOR_DELAY_S, []),
        readiness_probe=_probe(variant, "/ready", _EXECUTOR_DELAY_S, []),
        security_context=None
        if engine.user_id is None
        else {"runAsUser": engine.user_id, "allowPrivilegeEscalation": False},
    )
    return replace(container, env=with_fixed([*container.env, *_of_annotations(variant, container)], []))


def _args(variant: Variant) -> tuple[str, ...]:
    engine = variant.settings.engine
    said = [
        ("--sdep", variant.deployment.name),
        ("--namespace", variant.namespace),
        ("--predictor", variant.predictor.name),
        ("--http_port", engine.port),
        ("--grpc_port", engine.grpc_port),
        ("--protocol", variant.protocol),
        ("--transport", variant.deployment.spec.transport or "rest"),
        ("--prometheus_path", engine.prometheus_path),
        ("--server_type", variant.deployment.spec.server_type or "rpc"),
        ("--log_work_buffer_size", number(variant.deployment, _QUEUE, engine.log_work_buffer_size)),
        ("--log_write_timeout_ms", number(variant.deployment, _WRITE_TIMEOUT, engine.log_write_timeout_ms)),
    ]
    return (
        *(str(word) for pair in said for word in pair),
        f"--full_health_checks={str(engine.full_health_checks).lower()}",
    )


def _end(variant: Variant, spec: PodSpec | None) -> tuple[str, ...]:
    """How our engine ends: in the time that its pod has for it."""
    delay_s = variant.settings.engine.shutdown_delay_s
    grace_s = spec.termination_grace_period_seconds if spec else None
    left_s = max((GRACE_S if grace_s is None else grace_s) - delay_s - _SLACK_S, 1)
    return ("--shutdown_delay", f"{delay_s}s", "--graceful_timeout", f"{left_s}s")


def _environment(variant: Variant) -> tuple[EnvVar, ...]:
    pairs = [
        ("ENGINE_PREDICTOR", engine_predictor(variant)),
        ("REQUEST_LOGGER_DEFAULT_ENDPOINT", variant.settings.engine.request_logger_endpoint),
    ]
    if variant.certificate:
        pairs.append(("SELDON_CERT_MOUNT_PATH", variant.settings.engine.cert_mount_path))
    orchestrator = variant.predictor.svc_orch_spec
    return with_fixed([*variables(pairs), *(orchestrator.env if orchestrator else ())], [])


def _of_annotations(variant: Variant, container: Container) -> list[EnvVar]:
    """``seldon.io/engine-log-level: DEBUG`` is ``LOG_LEVEL=DEBUG``, unless the container has it already."""
    said = {variable.name for variable in container.env}
    pairs = [
        (key.removeprefix(_FLAG).replace("-", "_").upper(), value)
        for key, value in sorted(variant.deployment.spec.annotations.items())
        if key.startswith(_FLAG) and key != _SEPARATE
    ]
    return variables(pair for pair in pairs if pair[0] not in said)


def _ports(variant: Variant) -> tuple[ContainerPort, ...]:
    engine = variant.settings.engine
    return (
        ContainerPort(name=engine.metrics_port_name, container_port=engine.port),
        ContainerPort(name="grpc", container_port=engine.grpc_port),
    )


def _resources(variant: Variant) -> ResourceRequirements:
    orchestrator = variant.predictor.svc_orch_spec
    stated = orchestrator.resources if orchestrator else None
    return stated or variant.settings.engine.resources


def _probe(variant: Variant, path: str, delay_s: int, stated: list[Any]) -> dict[str, Any]:
    handler = probes.http(path, variant.settings.engine.port, is_tls=bool(variant.certificate))
    default = probes.probe(handler, delay_s=delay_s, timeout_s=60)
    return probes.with_numbers_of(default, next(filter(None, stated), None))


def _stated(entries: list[Container]) -> dict[str, Any] | None:
    return next((entry.security_context for entry in entries if entry.security_context), None)
