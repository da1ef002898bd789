"""What runs together: one entry of ``componentSpecs`` and the pod that it describes."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from infergraph.declaration.autoscaling import HpaSpec, KedaSpec, PdbSpec
from infergraph.declaration.container import Container
from infergraph.declaration.int32 import Int32
from infergraph.declaration.metadata import ObjectMeta


class PodSpec(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """core/v1 PodSpec, every field name; what we pass on without reading it may be anything."""

    containers: tuple[Container, ...]
    init_containers: tuple[Container, ...] = ()
    ephemeral_containers: Any = None
    volumes: tuple[Any, ...] = ()
    service_account_name: str = ""
    service_account: str = ""
    termination_grace_period_seconds: int | None = None
    active_deadline_seconds: Any = None
    affinity: Any = None
    automount_service_account_token: Any = None
    dns_config: Any = None
    dns_policy: Any = None
    enable_service_links: Any = None
    host_aliases: Any = None
    host_ipc: Any = field(default=None, name="hostIPC")
    host_network: Any = None
    host_pid: Any = field(default=None, name="hostPID")
    host_users: Any = None
    hostname: Any = None
    hostname_override: Any = None
    image_pull_secrets: Any = None
    node_name: Any = None
    node_selector: Mapping[str, str] = field(default_factory=dict)
    os: Any = None
    overhead: Any = None
    preemption_policy: Any = None
    priority: Any = None
    priority_class_name: Any = None
    readiness_gates: Any = None
    resource_claims: Any = None
    restart_policy: Any = None
    runtime_class_name: Any = None
    scheduler_name: Any = None
    scheduling_gates: Any = None
    security_context: Any = None
    set_hostname_as_fqdn: Any = field(default=None, name="setHostnameAsFQDN")
    share_process_namespace: Any = None
    subdomain: Any = None
    tolerations: tuple[Any, ...] = ()
    topology_spread_constraints: Any = None


class SeldonPodSpec(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """SELDON_V1 §1.4. Containers named like units of the graph are units; any others stand beside them."""

    spec: PodSpec | None = None
    metadata: ObjectMeta | None = None
    hpa_spec: HpaSpec | None = None
    keda_spec: KedaSpec | None = None
    pdb_spec: PdbSpec | None = None
    replicas: Int32 | None = None

    @property
    def containers(self) -> tuple[Container, ...]:
        """The containers of the pod; none when there is no pod spec."""
        return self.spec.containers if self.spec else ()
