"""What to run, and where."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from infergraph.declaration import Manifest
from infergraph.local.unit_plan import UnitPlan


class Plan(msgspec.Struct, frozen=True):
    """What to run, and where: the deployments of some manifests, or ``unit``, a component alone.

    Without a ``grpc_port`` over REST only. A ``grpc_port`` that nobody chose gives way to a free one when it is in use.
    ``grpc_server`` is a `GrpcServerKind`. ``limits`` are those that flags or the environment set, by field name.
    """

    manifests: Sequence[Manifest]
    host: str = "127.0.0.1"
    port: int = 8000
    grpc_port: int | None = None
    is_grpc_port_chosen: bool = True
    grpc_server: str = "aio"
    artifacts: Mapping[str, Path] = {}
    classes: Mapping[str, str] = {}
    limits: Mapping[str, float] = {}
    unit: UnitPlan | None = None

    @property
    def listens_early(self) -> bool:
        """Whether connections are accepted while models load, and told to wait.

        A microservice accepts none: that they are is how the v1 operator's probes find out that it is ready.
        """
        return self.unit is None

    @property
    def port_flag(self) -> str:
        """What the user chooses the port of REST with."""
        return "--port" if self.unit is None else "--http-port"
