"""Mappings of Ambassador: an annotation of the Service, or objects of their own (SELDON_V1 §2.7)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from infergraph.declaration import SeldonDeployment
from infergraph.kubernetes.objects.ambassador_rules import rules
from infergraph.kubernetes.objects.kube_object import KubeObject, kube_object
from infergraph.kubernetes.objects.labels import ID, MANAGED_BY
from infergraph.kubernetes.objects.settings import AmbassadorVersion
from infergraph.kubernetes.objects.traffic import traffic_of
from infergraph.kubernetes.objects.variant import Variant
from infergraph.kubernetes.yaml_text import yaml_text

ANNOTATION: Final = "getambassador.io/config"
_CONFIG: Final = "seldon.io/ambassador-config"
_GRPC_PATHS: Final = "/(seldon.protos.*|tensorflow.serving.*|inference.*)/.*"


def ambassador_mappings(variants: Sequence[Variant]) -> Iterator[KubeObject]:
    """The objects of Ambassador's later versions; none where it is not installed, or reads annotations."""
    settings = variants[0].settings.ambassador
    if not settings.enabled or settings.version is AmbassadorVersion.V1:
        return
    for variant in variants:
        for kind, name, spec in _of_predictor(variant, variants):
            yield kube_object(
                f"getambassador.io/v2/{kind}",
                name="-".join(("seldon", *name)),
                namespace=variant.namespace,
                labels={ID: variant.seldon_id, **MANAGED_BY},
                spec=_named(spec, "-"),
            )


def ambassador_annotation(variant: Variant, variants: Sequence[Variant]) -> dict[str, str]:
    """What Ambassador's first version reads on the Service of a predictor."""
    settings = variant.settings.ambassador
    if not settings.enabled or settings.version is not AmbassadorVersion.V1:
        return {}
    own = variant.deployment.annotation(_CONFIG)
    if own is not None:  # once: the same mapping on two Services would be two
        return {ANNOTATION: own} if variant is variants[0] else {}
    documents = [
        {"apiVersion": "ambassador/v1", "kind": kind, "name": _mapping_name(kind, name), **_named(spec, "_")}
        for kind, name, spec in _of_predictor(variant, variants)
    ]
    return {ANNOTATION: yaml_text(documents)}


def _mapping_name(kind: str, name: Sequence[str]) -> str:
    parts = ("seldon", *name) if kind == "TLSContext" else ("seldon", *name, "mapping")
    return "_".join(parts)


def _of_predictor(variant: Variant, variants: Sequence[Variant]) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    deployment = variant.deployment
    place: tuple[str, ...] = (deployment.namespace, deployment.name, variant.predictor.name)
    places = [place, place[1:]] if variant.settings.ambassador.single_namespace else [place]
    for where in places:
        yield "Mapping", (*where, "rest"), _rest(variant, variants, has_namespace=where is place)
        yield "Mapping", (*where, "grpc"), _grpc(variant, variants, has_namespace=where is place)
    if variant.certificate:
        yield "TLSContext", (*place, "tls", "config"), {"secret": variant.certificate}


def _rest(variant: Variant, variants: Sequence[Variant], *, has_namespace: bool) -> dict[str, Any]:
    deployment = variant.deployment
    name = _service_name(deployment)
    return {
        "prefix": f"/seldon/{deployment.namespace}/{name}/" if has_namespace else f"/seldon/{name}/",
        "rewrite": "/",
        "service": f"{variant.key}.{variant.namespace}:{variant.service_ports[0]}",
        **rules(variant, is_first=_is_first(variant, variants), headers={}, is_grpc=False),
    }


def _grpc(variant: Variant, variants: Sequence[Variant], *, has_namespace: bool) -> dict[str, Any]:
    deployment = variant.deployment
    headers = {"seldon": _service_name(deployment), **({"namespace": deployment.namespace} if has_namespace else {})}
    return {
        "grpc": True,
        "prefix": _GRPC_PATHS,
        "prefix_regex": True,
        "rewrite": "",
        "service": f"{variant.key}.{variant.namespace}:{variant.service_ports[1]}",
        **rules(variant, is_first=_is_first(variant, variants), headers=headers, is_grpc=True),
    }


def _service_name(deployment: SeldonDeployment) -> str:
    return deployment.annotation("seldon.io/ambassador-service-name") or deployment.name


def _is_first(variant: Variant, variants: Sequence[Variant]) -> bool:
    """The first one that answers has no share of its own: it gets what the others leave."""
    return variant is traffic_of(variants).shares[0][0]


def _named(spec: dict[str, Any], divider: str) -> dict[str, Any]:
    """The spec with the name of its TLSContext, which is a list of parts so far."""
    return {**spec, "tls": divider.join(spec["tls"])} if "tls" in spec else spec
