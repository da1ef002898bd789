"""What to run, and where."""

import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from infergraph.declaration import Manifest
from infergraph.local.started import StartedUnit
from infergraph.local.unit_plan import UnitPlan
from infergraph.servers.tls import Certificate


class Fix(msgspec.Struct, frozen=True):
    """What the environment of a model holds: a file of requirements, and the newest Python that has them, if any has
    not."""

    requirements: Path
    python: str | None = None


class Plan(msgspec.Struct, frozen=True):
    """What to run, and where: the deployments of some manifests, or ``unit``, a component alone.

    Without a ``grpc_port`` over REST only. A ``grpc_port`` that nobody chose gives way to a free one when it is in use.
    ``grpc_server`` is a `GrpcServerKind`. ``limits`` are those that flags or the environment set, by field name.
    ``isolated`` names the units that are to run as microservices of their own, ``started`` says where those are.
    ``fixes`` are the environments of units whose models do not load here, by `unit_key`; ``is_fixing`` looks for them.
    One that ``ends_with_stdin`` drains when its standard input ends.
    ``metrics_path`` is one more path that Prometheus reads, beside those that there are always.
    The routing of an answer ``tells_all`` units that it went through, or only the routers. With ``full_health_checks``
    units in other processes are asked how they are, and not only whether they are there.
    With a ``certificate`` both ports speak TLS.
    Told to go, it goes on for ``shutdown_delay_s`` as if nothing were, and then drains for ``graceful_s`` at most.
    """

    manifests: Sequence[Manifest]
    host: str = "127.0.0.1"
    port: int = 8000
    grpc_port: int | None = None
    is_grpc_port_chosen: bool = True
    grpc_server: str = "aio"
    artifacts: Mapping[str, Path] = {}
    classes: Mapping[str, str] = {}
    servers: Mapping[str, str] = {}
    endpoints: Mapping[str, str] = {}
    isolated: Sequence[str] = ()
    started: Sequence[StartedUnit] = ()
    fixes: Mapping[str, Fix] = {}
    is_fixing: bool = False
    limits: Mapping[str, int | float] = {}
    unit: UnitPlan | None = None
    metrics_path: str = ""
    tells_all: bool = False
    full_health_checks: bool = False
    certificate: Certificate | None = None
    shutdown_delay_s: float = 0.0
    graceful_s: float | None = None
    ends_with_stdin: bool = False

    @property
    def scheme(self) -> str:
        """How the URL of its port of REST begins."""
        return "http" if self.certificate is None else "https"

    def tls(self, protocol: str) -> ssl.SSLContext | None:
        """What a port speaks TLS with. :raises SetupError: when the certificate cannot be used."""
        return None if self.certificate is None else self.certificate.context(protocol)

    @property
    def listens_early(self) -> bool:
        """Whether connections are accepted while models load, and told to wait.

        A microservice accepts none: that they are is how the v1 operator's probes find out that it is ready.
        """
        return self.unit is None

    @property
    def port_flag(self) -> str:
        """What the user chooses the port of REST with."""
        return "--http-port" if self.unit is not None or self.metrics_path else "--port"
