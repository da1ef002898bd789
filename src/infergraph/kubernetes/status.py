"""What the operator writes about a deployment (SELDON_V1 §1.7)."""

from collections.abc import Mapping

from msgspec import Struct, field

from infergraph.declaration.int32 import Int32


class DeploymentStatus(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One of its Deployments."""

    name: str = ""
    status: str = ""
    description: str = ""
    replicas: Int32 = 0
    available_replicas: Int32 = 0
    explainer_for: str = ""


class ServiceStatus(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One of its Services; endpoints are ``service.namespace:port``."""

    svc_name: str = ""
    http_endpoint: str = ""
    grpc_endpoint: str = ""
    explainer_for: str = ""


class Address(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Where the first predictor is reached from inside the cluster."""

    url: str = ""


class Condition(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One thing that has to be true; ``Ready`` is true when all are."""

    type: str
    status: str
    severity: str = ""
    last_transition_time: str = ""
    reason: str = ""
    message: str = ""


class Status(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """``replicas`` are those asked for of the first component of the first predictor."""

    state: str = ""
    description: str = ""
    deployment_status: Mapping[str, DeploymentStatus] = field(default_factory=dict)
    service_status: Mapping[str, ServiceStatus] = field(default_factory=dict)
    replicas: Int32 = 0
    address: Address | None = None
    conditions: tuple[Condition, ...] = ()
    observed_generation: int | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
