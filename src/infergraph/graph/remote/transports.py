"""What calls components, in one process."""

from typing import TYPE_CHECKING

from infergraph.declaration import EndpointType
from infergraph.graph.remote.http_transport import HttpTransport

if TYPE_CHECKING:
    from infergraph.graph.remote.grpc_transport import GrpcTransport


class Transports:
    """One for REST and one for gRPC, each made when the first unit wants it."""

    def __init__(self) -> None:
        self._made: dict[EndpointType, HttpTransport | GrpcTransport] = {}

    def of(self, kind: EndpointType) -> "HttpTransport | GrpcTransport":
        """:raises LoadError: when what it needs is not installed."""
        if kind not in self._made:
            self._made[kind] = _made(kind)
        return self._made[kind]

    async def close(self) -> None:
        """Close every connection."""
        for transport in self._made.values():
            await transport.close()


def _made(kind: EndpointType) -> "HttpTransport | GrpcTransport":
    if kind is EndpointType.REST:
        return HttpTransport()
    from infergraph.graph.remote.grpc_transport import GrpcTransport

    return GrpcTransport()
