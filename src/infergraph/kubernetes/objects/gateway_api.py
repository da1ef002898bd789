"""Routes of the Gateway API: an HTTPRoute and a GRPCRoute for the deployment, for any gateway that speaks it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from infergraph.kubernetes.objects.kube_object import KubeObject, kube_object
from infergraph.kubernetes.objects.labels import ID, MANAGED_BY
from infergraph.kubernetes.objects.number import number
from infergraph.kubernetes.objects.settings import GatewayApi
from infergraph.kubernetes.objects.traffic import REST_TIMEOUT, Traffic, path_prefix, traffic_of
from infergraph.kubernetes.objects.variant import Variant

_API: Final = "gateway.networking.k8s.io/v1"
_HOST: Final = "infergraph.io/host"
_GATEWAY: Final = "infergraph.io/gateway"
_HTTP, _GRPC = 0, 1
"""Which of a predictor's two ports."""


def gateway_routes(variants: Sequence[Variant]) -> Iterator[KubeObject]:
    """None where there is no gateway of this API."""
    settings = variants[0].settings.gateway_api
    if settings.enabled:
        yield _http_route(variants, settings)
        if settings.grpc:
            yield _grpc_route(variants, settings)


def _http_route(variants: Sequence[Variant], settings: GatewayApi) -> KubeObject:
    first, traffic = variants[0], traffic_of(variants)
    prefix = path_prefix(first.deployment).removesuffix("/")
    path = {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}
    timeout_ms = number(first.deployment, REST_TIMEOUT, None)
    rule = {
        "matches": [{"path": {"type": "PathPrefix", "value": prefix}}],
        "filters": [{"type": "URLRewrite", "urlRewrite": {"path": path}}, *_mirrors(traffic, _HTTP)],
        "backendRefs": _backends(traffic, _HTTP),
        **({} if timeout_ms is None else {"timeouts": {"request": f"{timeout_ms}ms"}}),
    }
    return _route("HTTPRoute", first, settings.http_listener, rule)


def _grpc_route(variants: Sequence[Variant], settings: GatewayApi) -> KubeObject:
    """Whatever the service: its metadata say which deployment a call is for."""
    first, traffic = variants[0], traffic_of(variants)
    said = (("seldon", first.deployment.name), ("namespace", first.namespace))
    rule = {
        "matches": [{"headers": [{"type": "Exact", "name": name, "value": value} for name, value in said]}],
        **({"filters": mirrors} if (mirrors := _mirrors(traffic, _GRPC)) else {}),
        "backendRefs": _backends(traffic, _GRPC),
    }
    return _route("GRPCRoute", first, settings.grpc_listener, rule)


def _route(kind: str, variant: Variant, listener: str, rule: dict[str, Any]) -> KubeObject:
    host = variant.deployment.annotation(_HOST)
    return kube_object(
        f"{_API}/{kind}",
        name=variant.seldon_id,
        namespace=variant.namespace,
        labels={ID: variant.seldon_id, **MANAGED_BY},
        spec={
            "parentRefs": [_parent(variant, listener)],
            **({"hostnames": [host]} if host else {}),
            "rules": [rule],
        },
    )


def _parent(variant: Variant, listener: str) -> dict[str, str]:
    stated = variant.deployment.annotation(_GATEWAY) or variant.settings.gateway_api.gateway
    namespace, _, name = stated.rpartition("/")
    parent = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {**parent, **({"sectionName": listener} if listener else {})}


def _backends(traffic: Traffic, port: int) -> list[dict[str, Any]]:
    return [{**_backend(variant, port), "weight": share} for variant, share in traffic.shares]


def _mirrors(traffic: Traffic, port: int) -> list[dict[str, Any]]:
    if traffic.shadow is None:
        return []
    share = traffic.shadow.predictor.traffic
    percent = {"percent": share} if 0 < share < 100 else {}  # in the API since its v1.3
    return [{"type": "RequestMirror", "requestMirror": {"backendRef": _backend(traffic.shadow, port), **percent}}]


def _backend(variant: Variant, port: int) -> dict[str, Any]:
    return {"name": variant.key, "port": variant.service_ports[port]}
