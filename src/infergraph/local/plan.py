"""What to run, and where."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from infergraph.declaration import Manifest


class Plan(msgspec.Struct, frozen=True):
    """What to run, and where; without a ``grpc_port`` over REST only.

    A ``grpc_port`` that nobody chose gives way to a free one when it is in use.
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
