"""One container of a pod."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from infergraph.declaration.int32 import Int32


class EnvVar(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One environment variable: a text, or a reference to where the text is."""

    name: str
    value: str = ""
    value_from: Any = None


class ContainerPort(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One port that a container listens on. The names ``http``, ``grpc`` and ``metrics`` mean something (§1.8)."""

    container_port: Int32
    name: str = ""
    host_port: Int32 | None = None
    host_ip: str = field(default="", name="hostIP")
    protocol: str = ""


class VolumeMount(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One volume of the pod, seen at a path of the container."""

    name: str
    mount_path: str
    sub_path: str = ""
    sub_path_expr: str = ""
    read_only: bool | None = None
    recursive_read_only: str = ""
    mount_propagation: str = ""


class ResourceRequirements(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a container asks for and may use, as quantities: ``500m``, ``1``, ``2Gi``."""

    requests: Mapping[str, str | int | float] = field(default_factory=dict)
    limits: Mapping[str, str | int | float] = field(default_factory=dict)
    claims: tuple[Any, ...] = ()


class Container(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """core/v1 Container, every field name; what we pass on without reading it may be anything."""

    name: str
    image: str = ""
    image_pull_policy: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[Any, ...] = ()
    ports: tuple[ContainerPort, ...] = ()
    resources: ResourceRequirements | None = None
    volume_mounts: tuple[VolumeMount, ...] = ()
    volume_devices: tuple[Any, ...] = ()
    working_dir: str = ""
    termination_message_path: str = ""
    termination_message_policy: str = ""
    liveness_probe: Any = None
    readiness_probe: Any = None
    startup_probe: Any = None
    lifecycle: Any = None
    security_context: Any = None
    resize_policy: Any = None
    restart_policy: str = ""
    restart_policy_rules: Any = None
    stdin: bool | None = None
    stdin_once: bool | None = None
    tty: bool | None = None

    def port(self, name: str) -> int | None:
        """The number of the port called ``name``."""
        return next((port.container_port for port in self.ports if port.name == name), None)
