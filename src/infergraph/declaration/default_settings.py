"""What an operator may set about the defaults."""

from collections.abc import Mapping
from typing import Self

from msgspec import Struct

from infergraph.declaration.server import DEFAULT_SERVERS, PrepackagedServer


class DefaultSettings(Struct, frozen=True, kw_only=True):
    """Where the port numbers start, and the prepackaged servers (SELDON_V1 §1.8, §5.1)."""

    http_port: int = 9000
    grpc_port: int = 9500
    metrics_port: int = 6000
    metrics_port_name: str = "metrics"
    servers: Mapping[str, PrepackagedServer] = DEFAULT_SERVERS

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str], *, servers: Mapping[str, PrepackagedServer] = DEFAULT_SERVERS
    ) -> Self:
        """The settings by the names that the first version's operator reads.

        :raises ValueError: when a port is no number.
        """
        return cls(
            http_port=int(environment.get("PREDICTIVE_UNIT_HTTP_SERVICE_PORT", "9000")),
            grpc_port=int(environment.get("PREDICTIVE_UNIT_GRPC_SERVICE_PORT", "9500")),
            metrics_port=int(environment.get("PREDICTIVE_UNIT_METRICS_SERVICE_PORT", "6000")),
            metrics_port_name=environment.get("PREDICTIVE_UNIT_METRICS_PORT_NAME", "metrics"),
            servers=servers,
        )
