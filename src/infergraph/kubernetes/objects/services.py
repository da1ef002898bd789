"""The Services of a predictor: what clients call, and what the engine calls (SELDON_V1 §2.3, §2.4)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from infergraph.declaration import Container, PredictiveUnit
from infergraph.kubernetes.objects import names
from infergraph.kubernetes.objects.ambassador import ambassador_annotation
from infergraph.kubernetes.objects.kube_object import KubeObject, kube_object
from infergraph.kubernetes.objects.labels import APP, ID, MANAGED_BY, role_labels
from infergraph.kubernetes.objects.variant import Variant

_HEADLESS: Final = "seldon.io/headless-svc"


def services(variant: Variant, variants: Sequence[Variant]) -> Iterator[KubeObject]:
    """The predictor's Service, and one for each unit that is called over the network."""
    yield _predictor(variant, ambassador_annotation(variant, variants))
    for container in variant.predictor.containers_by_name().values():
        unit = variant.units.get(container.name)
        if unit is not None and unit.name not in variant.fused:
            yield _container(variant, container, unit)


def _predictor(variant: Variant, routing: dict[str, str]) -> KubeObject:
    http, grpc = variant.service_ports
    spec: dict[str, Any] = {"type": "ClusterIP"}
    if variant.deployment.annotation(_HEADLESS, "false") != "false":
        spec["clusterIP"] = "None"
    return kube_object(
        "v1/Service",
        name=variant.key,
        namespace=variant.namespace,
        labels={APP: variant.key, ID: variant.seldon_id, **MANAGED_BY},
        annotations={**variant.predictor.annotations, **routing},
        spec={**spec, "selector": {APP: variant.key}, "ports": service_ports(http, grpc), "sessionAffinity": "None"},
    )


def _container(variant: Variant, container: Container, unit: PredictiveUnit) -> KubeObject:
    name = variant.service_name(container.name)
    endpoint = unit.endpoint
    assert endpoint is not None  # noqa: S101 - defaulting gives one to every unit with a container
    selector = {names.service_label(container.name): name}
    return kube_object(
        "v1/Service",
        name=name,
        namespace=variant.namespace,
        labels={
            **selector,
            ID: variant.seldon_id,
            APP: variant.key,
            **dict.fromkeys(role_labels(unit, is_shadow=variant.predictor.shadow), "true"),
            **MANAGED_BY,
        },
        annotations=variant.predictor.annotations,
        spec={
            "type": "ClusterIP",
            "selector": selector,
            "ports": service_ports(endpoint.http_port or 0, endpoint.grpc_port or 0),
            "sessionAffinity": "None",
        },
    )


def service_ports(http: int, grpc: int) -> list[dict[str, Any]]:
    """Each with its protocol: server-side apply on older clusters refuses a port without one."""
    return [
        {"name": name, "protocol": "TCP", "port": number, "targetPort": number}
        for name, number in (("http", http), ("grpc", grpc))
    ]
