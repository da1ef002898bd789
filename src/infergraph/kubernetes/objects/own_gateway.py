"""A gateway of ours where no ingress spreads the traffic: one address for all predictors of a deployment."""

from collections.abc import Iterator, Sequence
from typing import Final

from infergraph.declaration import Container, ContainerPort, PodSpec
from infergraph.kubernetes.objects import names, probes, security
from infergraph.kubernetes.objects.deployments import API, STRATEGY
from infergraph.kubernetes.objects.kube_object import KubeObject, kube_object, plain
from infergraph.kubernetes.objects.labels import APP, ID, MANAGED_BY
from infergraph.kubernetes.objects.pod import finished
from infergraph.kubernetes.objects.services import service_ports
from infergraph.kubernetes.objects.traffic import host, traffic_of
from infergraph.kubernetes.objects.variant import Variant
from infergraph.kubernetes.objects.volumes import SCRATCH_MOUNT

ALIVE: Final = "/gateway/live"
"""What the gateway answers itself; every other path is a predictor's."""


def own_gateway(variants: Sequence[Variant]) -> Iterator[KubeObject]:
    """The Service, which stays when predictors come and go, and what is behind it where there is something to spread.

    With one predictor the Service leads to its pods: nothing stands between.
    """
    first = variants[0]
    if not first.settings.has_own_gateway:
        return
    taken = {name for one in variants for name in (one.key, *map(one.service_name, one.units))}
    name = names.gateway_name(first.deployment.name, taken)
    yield _service(name, variants)
    if len(variants) > 1:
        yield _deployment(name, variants)


def _labels(name: str, variant: Variant) -> dict[str, str]:
    return {ID: variant.seldon_id, APP: name, **MANAGED_BY}


def _service(name: str, variants: Sequence[Variant]) -> KubeObject:
    first, engine = variants[0], variants[0].settings.engine
    ports = service_ports(engine.port, engine.grpc_port)
    if len(variants) == 1:
        ports = [{**port, "targetPort": number} for port, number in zip(ports, first.service_ports, strict=True)]
    return kube_object(
        "v1/Service",
        name=name,
        namespace=first.namespace,
        labels=_labels(name, first),
        spec={
            "type": "ClusterIP",
            "selector": {APP: first.key if len(variants) == 1 else name},
            "ports": ports,
            "sessionAffinity": "None",
        },
    )


def _deployment(name: str, variants: Sequence[Variant]) -> KubeObject:
    first = variants[0]
    own = {**_labels(name, first), "app": name}
    return kube_object(
        API,
        name=name,
        namespace=first.namespace,
        labels=own,
        spec={
            "replicas": first.settings.gateway.replicas,
            "selector": {"matchLabels": {APP: name, ID: first.seldon_id}},
            "strategy": STRATEGY,
            "template": {"metadata": {"labels": dict(sorted(own.items()))}, "spec": plain(_pod(variants))},
        },
    )


def _pod(variants: Sequence[Variant]) -> PodSpec:
    first = variants[0]
    context = security.pod_security(None, first.settings)
    spec = PodSpec(containers=(), automount_service_account_token=False)
    return finished(first, spec, [_container(variants)], context, has_certificate=False)


def _container(variants: Sequence[Variant]) -> Container:
    settings = variants[0].settings
    port, grpc_port = settings.engine.port, settings.engine.grpc_port
    asked = probes.http(ALIVE, port)
    return Container(
        name="gateway",
        image=settings.image,
        image_pull_policy=settings.image_pull_policy,
        args=tuple(_arguments(variants)),
        ports=(ContainerPort(name="http", container_port=port), ContainerPort(name="grpc", container_port=grpc_port)),
        resources=settings.gateway.resources,
        volume_mounts=(SCRATCH_MOUNT,),
        liveness_probe=probes.probe(asked, delay_s=20, timeout_s=5),
        readiness_probe=probes.probe(asked, delay_s=1, timeout_s=5),
        security_context=security.strict(None, None),
    )


def _arguments(variants: Sequence[Variant]) -> Iterator[str]:
    settings, traffic = variants[0].settings, traffic_of(variants)
    yield from ("gateway", "--port", str(settings.engine.port), "--grpc-port", str(settings.engine.grpc_port))
    for variant, share in traffic.shares:
        yield from ("--to", _destination(variant, share))
    if traffic.shadow is not None:
        yield from ("--shadow", _destination(traffic.shadow, traffic.shadow.predictor.traffic or 100))
    yield from ("--shutdown-delay-s", str(settings.engine.shutdown_delay_s))


def _destination(variant: Variant, share: int) -> str:
    http, grpc = variant.service_ports
    return f"{variant.predictor.name}={host(variant)}:{http}:{grpc}@{share}"
