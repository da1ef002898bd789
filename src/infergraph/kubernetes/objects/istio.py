"""Routes for Istio: a VirtualService for the deployment, and a DestinationRule for each predictor (SELDON_V1 §2.7)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from infergraph.kubernetes.objects.kube_object import KubeObject, kube_object
from infergraph.kubernetes.objects.labels import ID, MANAGED_BY
from infergraph.kubernetes.objects.number import number
from infergraph.kubernetes.objects.traffic import Traffic, host, path_prefix, traffic_of
from infergraph.kubernetes.objects.variant import Variant

_API: Final = "networking.istio.io/v1beta1"
_GRPC_PATHS: Final = ".*tensorflow.*|.*seldon.protos.*|.*inference.*"
_HTTP, _GRPC = 0, 1
"""Which of a predictor's two ports."""


def istio_routes(variants: Sequence[Variant]) -> Iterator[KubeObject]:
    """None where Istio is not installed."""
    if variants[0].settings.istio.enabled:
        yield _virtual_service(variants)
        for variant in variants:
            yield _destination_rule(variant)


def _virtual_service(variants: Sequence[Variant]) -> KubeObject:
    first = variants[0]
    deployment, traffic = first.deployment, traffic_of(variants)
    headers = {"seldon": {"exact": deployment.name}, "namespace": {"exact": deployment.namespace}}
    retries = _retries(first)
    return _object(
        "VirtualService",
        first,
        name=first.seldon_id,
        spec={
            "hosts": [deployment.annotation("seldon.io/istio-host", "*")],
            "gateways": [deployment.annotation("seldon.io/istio-gateway", first.settings.istio.gateway)],
            "http": [
                {
                    "match": [{"uri": {"prefix": path_prefix(deployment)}}],
                    "rewrite": {"uri": "/"},
                    **_routes(traffic, _HTTP),
                    **retries,
                },
                {
                    "match": [{"uri": {"regex": _GRPC_PATHS}, "headers": headers}],
                    **_routes(traffic, _GRPC),
                    **retries,
                },
            ],
        },
    )


def _routes(traffic: Traffic, port: int) -> dict[str, Any]:
    """Each share is written, none too: one that is left out is not zero to everybody who reads it."""
    routes = [{"destination": _destination(variant, port), "weight": share} for variant, share in traffic.shares]
    if traffic.shadow is None:
        return {"route": routes}
    share = traffic.shadow.predictor.traffic
    mirrored = {"mirrorPercentage": {"value": share}} if share > 0 else {}
    return {"route": routes, "mirror": _destination(traffic.shadow, port), **mirrored}


def _destination(variant: Variant, port: int) -> dict[str, Any]:
    return {"host": host(variant), "subset": variant.predictor.name, "port": {"number": variant.service_ports[port]}}


def _retries(variant: Variant) -> dict[str, Any]:
    attempts = number(variant.deployment, "seldon.io/istio-retries", 0)
    if attempts <= 0:
        return {}
    timeout_s = number(variant.deployment, "seldon.io/istio-retries-timeout", 1)
    retry_on = "gateway-error,connect-failure,refused-stream"
    return {"retries": {"attempts": attempts, "perTryTimeout": f"{timeout_s}s", "retryOn": retry_on}}


def _destination_rule(variant: Variant) -> KubeObject:
    mode = variant.settings.istio.tls_mode
    idle = {"connectionPool": {"http": {"idleTimeout": "60s"}}}
    subset = {"name": variant.predictor.name, "labels": {"version": variant.predictor.labels["version"]}}
    return _object(
        "DestinationRule",
        variant,
        name=variant.key,
        spec={
            "host": host(variant),
            "subsets": [subset],
            "trafficPolicy": {"tls": {"mode": mode}} if mode else idle,
        },
    )


def _object(kind: str, variant: Variant, *, name: str, spec: dict[str, Any]) -> KubeObject:
    labels = {ID: variant.seldon_id, **MANAGED_BY}
    return kube_object(f"{_API}/{kind}", name=name, namespace=variant.namespace, labels=labels, spec=spec)
