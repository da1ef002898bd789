"""The kinds of objects that the operator watches, makes and prunes."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from msgspec import Struct

from infergraph.declaration import API_VERSIONS, GROUP, KIND
from infergraph.kubernetes.crd.definition import PLURAL
from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.objects.settings import AmbassadorVersion


class Kind(Struct, frozen=True, kw_only=True):
    """A kind in the versions in which a cluster may have it, the best one first. The core group is the empty text."""

    group: str
    versions: tuple[str, ...]
    name: str
    plural: str
    is_namespaced: bool = True


class Ref(NamedTuple):
    """One object of the cluster."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


def ref_of(one: dict[str, Any]) -> Ref:
    """The name of an object, as it is or as it is to be."""
    metadata = one["metadata"]
    return Ref(one["kind"], metadata.get("namespace", ""), metadata["name"])


def _kind(group: str, version: str, name: str, plural: str = "") -> Kind:
    return Kind(group=group, versions=tuple(version.split()), name=name, plural=plural or f"{name.lower()}s")


DEPLOYMENTS: Final = Kind(group=GROUP, versions=(API_VERSIONS[0].rpartition("/")[2],), name=KIND, plural=PLURAL)
NAMESPACES: Final = Kind(group="", versions=("v1",), name="Namespace", plural="namespaces", is_namespaced=False)

_ALWAYS: Final = (
    _kind("", "v1", "Service"),
    _kind("apps", "v1", "Deployment"),
    _kind("autoscaling", "v2 v2beta2", "HorizontalPodAutoscaler"),
    _kind("policy", "v1 v1beta1", "PodDisruptionBudget"),
)
_KEDA: Final = (_kind("keda.sh", "v1alpha1", "ScaledObject"),)
_ISTIO: Final = (
    _kind("networking.istio.io", "v1beta1", "VirtualService"),
    _kind("networking.istio.io", "v1beta1", "DestinationRule"),
)
_AMBASSADOR: Final = (
    _kind("getambassador.io", "v2", "Mapping"),
    _kind("getambassador.io", "v2", "TLSContext", "tlscontexts"),
)
_HTTP_ROUTE: Final = _kind("gateway.networking.k8s.io", "v1", "HTTPRoute")
_GRPC_ROUTE: Final = _kind("gateway.networking.k8s.io", "v1", "GRPCRoute")


def owned_kinds(settings: Settings) -> tuple[Kind, ...]:
    """What the operator may make with these settings: what it watches, and what it needs permissions for."""
    return tuple(_owned(settings))


def _owned(settings: Settings) -> Iterator[Kind]:
    yield from _ALWAYS
    if settings.keda.enabled:
        yield from _KEDA
    if settings.istio.enabled:
        yield from _ISTIO
    if settings.ambassador.enabled and settings.ambassador.version is AmbassadorVersion.V2:
        yield from _AMBASSADOR
    if settings.gateway_api.enabled:
        yield _HTTP_ROUTE
        if settings.gateway_api.grpc:
            yield _GRPC_ROUTE
