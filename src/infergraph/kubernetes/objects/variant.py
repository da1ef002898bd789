"""One predictor with all that its objects are made of: where its engine is, and which units run inside of it."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from infergraph.declaration import (
    PredictiveUnit,
    Predictor,
    SeldonDeployment,
    SeldonPodSpec,
    defaulted,
    has_separate_engine,
)
from infergraph.kubernetes.objects import names
from infergraph.kubernetes.objects.credentials import NONE, Credentials
from infergraph.kubernetes.objects.fusion import ENGINE, fused_units
from infergraph.kubernetes.objects.settings import Settings

NO_ENGINE = "seldon.io/no-engine"
FUSE = "infergraph.io/fuse"


class EnginePlace(StrEnum):
    """Where the engine of a predictor runs."""

    BESIDE = "beside"  # in the pod of the first entry of componentSpecs
    SEPARATE = "separate"  # in a pod of its own
    NONE = "none"  # nowhere: clients call the one unit


class Variant(Struct, frozen=True, kw_only=True, dict=True):
    """A predictor of a deployment whose defaults are filled in. ``fused`` are the names of units in the engine."""

    deployment: SeldonDeployment
    predictor: Predictor
    settings: Settings
    engine: EnginePlace
    fused: frozenset[str]
    credentials: Mapping[str, Credentials]
    """By service account."""

    @property
    def namespace(self) -> str:
        return self.deployment.namespace

    @property
    def seldon_id(self) -> str:
        return names.seldon_id(self.deployment)

    @property
    def key(self) -> str:
        """The name of the Service that clients of this predictor call."""
        return names.predictor_key(self.deployment.name, self.predictor.name, self.predictor.annotations)

    @cached_property
    def units(self) -> Mapping[str, PredictiveUnit]:
        """The units by name."""
        return {unit.name: unit for unit in self.predictor.units()}

    @property
    def is_grpc(self) -> bool:
        """Whether units are asked over gRPC."""
        return self.deployment.spec.transport == "grpc"

    @property
    def protocol(self) -> str:
        return self.deployment.spec.protocol or "seldon"

    @property
    def certificate(self) -> str:
        """The secret with the engine's certificate and key; empty for plain HTTP."""
        return self.predictor.ssl.cert_secret_name if self.predictor.ssl else ""

    @property
    def service_ports(self) -> tuple[int, int]:
        """The ports of HTTP and gRPC at which clients call it."""
        endpoint = self.predictor.graph.endpoint
        if self.engine is EnginePlace.NONE and endpoint and endpoint.http_port and endpoint.grpc_port:
            return endpoint.http_port, endpoint.grpc_port
        return self.settings.engine.port, self.settings.engine.grpc_port

    def has_engine(self, index: int) -> bool:
        """Whether the pod of this entry of ``componentSpecs`` holds the engine."""
        return self.engine is EnginePlace.BESIDE and index == 0

    def component_name(self, index: int) -> str:
        """The name of the Deployment of this entry."""
        return names.component_name(
            self.deployment.name,
            self.predictor.name,
            index,
            self.predictor.component_specs[index],
            otherwise=self.predictor.graph.name,
            with_prefix=self.settings.deployment_name_as_prefix,
        )

    def components(self) -> Iterator[tuple[int, SeldonPodSpec]]:
        """The entries that become pods, with their positions: those with a container."""
        for index, component in enumerate(self.predictor.component_specs):
            if component.containers or self.has_engine(index):
                yield index, component

    def service_name(self, container: str) -> str:
        """The name of a container's Service."""
        return names.container_service_name(self.deployment.name, self.predictor.name, container)


def variants_of(
    deployment: SeldonDeployment, settings: Settings, credentials: Mapping[str, Credentials] = NONE
) -> list[Variant]:
    """The predictors, in their order, with every default filled in."""
    filled = defaulted(deployment, settings=settings.defaults())
    return [_variant(filled, predictor, settings, credentials) for predictor in filled.spec.predictors]


def _variant(
    deployment: SeldonDeployment, predictor: Predictor, settings: Settings, credentials: Mapping[str, Credentials]
) -> Variant:
    if not predictor.component_specs:  # built-in units only: the engine needs a pod all the same
        predictor = replace(predictor, component_specs=(SeldonPodSpec(),))
    engine = _place(deployment, predictor)
    is_ours = engine is EnginePlace.BESIDE and not settings.engine.image
    may_fuse = settings.fuse and is_ours and _asks_for_fusion(deployment, predictor)
    return Variant(
        deployment=deployment,
        predictor=predictor,
        settings=settings,
        engine=engine,
        fused=fused_units(predictor, settings) if may_fuse else frozenset(),
        credentials=credentials,
    )


def _place(deployment: SeldonDeployment, predictor: Predictor) -> EnginePlace:
    if predictor.annotations.get(NO_ENGINE, "").lower() == "true":
        return EnginePlace.NONE
    return EnginePlace.SEPARATE if has_separate_engine(deployment) else EnginePlace.BESIDE


def _asks_for_fusion(deployment: SeldonDeployment, predictor: Predictor) -> bool:
    has_own_engine = predictor.component_specs and any(
        container.name == ENGINE for container in predictor.component_specs[0].containers
    )
    asked = predictor.annotations.get(FUSE) or deployment.annotation(FUSE, "true") or ""
    return asked.lower() != "false" and not has_own_engine
