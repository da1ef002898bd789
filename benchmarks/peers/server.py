"""What a server is to a benchmark: how it is started, and the interfaces that it is asked over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from benchmarks.peers.messages import Form

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".peers"  # environments, models, logs: made once, and no part of the source
APPS = Path(__file__).parent / "apps"
OURS = "infergraph"


@dataclass(frozen=True, kw_only=True)
class Target:
    """One interface of a server, and what is behind it."""

    case: str  # iris, identity, echo, class, graph
    protocol: str  # as the tables call it
    path: str
    form: Form
    is_grpc: bool = False
    port: str = "http"  # which of the server's ports

    @property
    def name(self) -> str:
        return f"{self.case}, {self.protocol}"


@dataclass(frozen=True, kw_only=True)
class Server:
    """One server in one configuration.

    Commands, variables and files may name: {bin} (of its environment), {apps}, {models}, {tmp} (a folder of its own),
    and free ports {http}, {grpc}, {metrics}, {http1}, ...
    """

    name: str
    environment: str
    settings: str  # what was chosen for two cores, for the tables
    commands: tuple[tuple[str, ...], ...]
    targets: tuple[Target, ...]
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_ours(self) -> bool:
        return self.environment == OURS
