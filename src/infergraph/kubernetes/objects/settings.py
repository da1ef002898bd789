"""What a cluster's operator decides for all deployments: images, numbers, and which ingress and APIs there are."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec import field

from infergraph import __version__
from infergraph.declaration import DEFAULT_SERVERS, DefaultSettings, PrepackagedServer, ResourceRequirements
from infergraph.errors import SetupError
from infergraph.runtimes.catalog import RUNTIMES

_ENGINE_RESOURCES: Final = {"cpu": "500m", "memory": "512Mi"}


class _Group(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Settings that belong together; a name that is not known is a mistake."""


class EngineSettings(_Group, frozen=True):
    """The container that executes a predictor's graph (SELDON_V1 §2.5).

    With an ``image`` it is a v1 executor of somebody else's: it is told what that one knows, and no unit runs inside.
    """

    image: str = ""
    image_pull_policy: str = "IfNotPresent"
    user_id: int | None = field(default=None, name="userID")
    """Whom an executor of somebody else's runs as; ours runs as the pod does."""
    port: int = 8000
    grpc_port: int = 5001
    metrics_port_name: str = "metrics"
    prometheus_path: str = "/prometheus"
    resources: ResourceRequirements = ResourceRequirements(requests=_ENGINE_RESOURCES, limits=_ENGINE_RESOURCES)
    service_account_name: str = "default"  # of an engine in a pod of its own
    request_logger_endpoint: str = "http://default-broker"
    log_work_buffer_size: int = 10000
    log_write_timeout_ms: int = 2000
    full_health_checks: bool = False
    shutdown_delay_s: int = 5
    """How long an engine goes on as if nothing were when its pod is to end: until everybody knows that it leaves."""
    cert_mount_path: str = "/cert/"


class UnitSettings(_Group, frozen=True):
    """The containers that units run in (SELDON_V1 §1.8)."""

    http_port: int = 9000
    grpc_port: int = 9500
    metrics_port: int = 6000
    metrics_port_name: str = "metrics"
    default_env_secret_ref_name: str = ""


class StorageInitializer(_Group, frozen=True):
    """What fetches model files. Without an image it is `infergraph fetch` of our own (SELDON_V1 §6)."""

    image: str = ""
    resources: ResourceRequirements = ResourceRequirements(
        requests={"cpu": "100m", "memory": "100Mi"}, limits={"cpu": "1", "memory": "1Gi"}
    )


class Credentials(_Group, frozen=True):
    """What in a service account's secrets is a key of a store (SELDON_V1 §6), and where S3 is if they do not say.

    ``service_accounts`` says whether they are looked at.
    """

    service_accounts: bool = True
    gcs_file_name: str = "gcloud-application-credentials.json"
    s3_access_key_name: str = "awsAccessKeyID"
    s3_secret_key_name: str = "awsSecretAccessKey"  # noqa: S105 - the name of one
    s3_endpoint: str = ""
    s3_use_https: bool = True


class Istio(_Group, frozen=True):
    """VirtualServices and DestinationRules (SELDON_V1 §2.7). ``tls_mode`` replaces the rules' connection pool."""

    enabled: bool = False
    gateway: str = "istio-system/seldon-gateway"
    tls_mode: str = ""


class AmbassadorVersion(StrEnum):
    """How Ambassador is told of routes."""

    V1 = "v1"  # by an annotation of the Service
    V2 = "v2"  # by Mappings


class Ambassador(_Group, frozen=True):
    """Ambassador's mappings (SELDON_V1 §2.7)."""

    enabled: bool = False
    version: AmbassadorVersion = AmbassadorVersion.V2
    single_namespace: bool = False


class GatewayApi(_Group, frozen=True):
    """Routes of the Gateway API. ``gateway`` is the name of a Gateway, or ``namespace/name``."""

    enabled: bool = False
    gateway: str = "infergraph"
    grpc: bool = True
    """Whether there are GRPCRoutes; they are part of the API's v1.1 and later."""
    http_listener: str = ""
    grpc_listener: str = ""
    """The listeners that the two routes attach to; without names, all of the gateway's."""


class OwnGateway(_Group, frozen=True):
    """What spreads the traffic where no ingress does: `infergraph gateway`, for deployments of several predictors."""

    enabled: bool = True
    replicas: int = 1
    resources: ResourceRequirements = ResourceRequirements(
        requests={"cpu": "100m", "memory": "128Mi"}, limits={"memory": "512Mi"}
    )


class Keda(_Group, frozen=True):
    """ScaledObjects, where KEDA is installed."""

    enabled: bool = False


class AutoscalingVersion(StrEnum):
    """Which version of autoscaling the cluster has; both have the same form."""

    V2 = "v2"  # Kubernetes 1.23 and later
    V2BETA2 = "v2beta2"  # until 1.25


class PolicyVersion(StrEnum):
    """Which version of policy the cluster has; both have the same form."""

    V1 = "v1"  # Kubernetes 1.21 and later
    V1BETA1 = "v1beta1"  # until 1.24


class Apis(_Group, frozen=True):
    """The versions of what the cluster has in several; the operator finds them out."""

    autoscaling: AutoscalingVersion = AutoscalingVersion.V2
    policy: PolicyVersion = PolicyVersion.V1


class Settings(_Group, frozen=True):
    """Everything that decides about the objects, beside the declaration.

    ``image`` runs the engine, fused units and what fetches model files; ``runtimes`` are the implementations that it
    has the packages for. ``servers`` are prepackaged servers with images of their own; one of them goes before a
    runtime of ours. ``default_user_id`` is the user of pods that name none.
    """

    image: str = f"infergraph:{__version__}"
    image_pull_policy: str = "IfNotPresent"
    fuse: bool = True
    default_user_id: int | None = field(default=8888, name="defaultUserID")
    deployment_name_as_prefix: bool = False
    engine: EngineSettings = EngineSettings()
    unit: UnitSettings = UnitSettings()
    runtimes: tuple[str, ...] = ("SKLEARN_SERVER",)
    servers: Mapping[str, PrepackagedServer] = {}
    storage_initializer: StorageInitializer = StorageInitializer()
    credentials: Credentials = Credentials()
    keda: Keda = Keda()
    istio: Istio = Istio()
    ambassador: Ambassador = Ambassador()
    gateway_api: GatewayApi = GatewayApi()
    gateway: OwnGateway = OwnGateway()
    apis: Apis = Apis()

    def runtime(self, implementation: str) -> str:
        """``module:Class`` of the runtime in our image that serves it; empty where another image does."""
        is_ours = implementation in self.runtimes and implementation not in self.servers
        return RUNTIMES.get(implementation, "") if is_ours else ""

    def defaults(self) -> DefaultSettings:
        """What filling in defaults needs of them; a server that a runtime of ours serves gets no image."""
        servers = {**DEFAULT_SERVERS, **self.servers}
        return DefaultSettings(
            http_port=self.unit.http_port,
            grpc_port=self.unit.grpc_port,
            metrics_port=self.unit.metrics_port,
            metrics_port_name=self.unit.metrics_port_name,
            servers={name: server for name, server in servers.items() if not self.runtime(name)},
        )

    @property
    def has_own_gateway(self) -> bool:
        """Whether we spread the traffic ourselves: nobody else does."""
        others = (self.istio.enabled, self.ambassador.enabled, self.gateway_api.enabled)
        return self.gateway.enabled and not any(others)

    @property
    def known_servers(self) -> frozenset[str]:
        """The implementations that a manifest may name."""
        return frozenset({*DEFAULT_SERVERS, *RUNTIMES, *self.servers})


def settings_of(data: Any) -> Settings:
    """The settings that plain data says.

    :raises SetupError: when a name is not known or a value is of another type, with the place of it.
    """
    try:
        settings = msgspec.convert({} if data is None else data, Settings)
    except msgspec.ValidationError as error:
        raise SetupError(f"settings: {error}") from None
    for name in settings.runtimes:
        if name not in RUNTIMES:
            raise SetupError(f"settings: there is no runtime {name} - at `$.runtimes`; there is {', '.join(RUNTIMES)}")
    return settings
