"""What a component is asked over: its protocol and its transport in one."""

from typing import TYPE_CHECKING, Protocol

from infergraph.graph.context import Context
from infergraph.graph.remote.address import Address
from infergraph.graph.remote.calls import CallLimits, Calls
from infergraph.graph.remote.exchange import Exchange, Exchanges, Subject
from infergraph.graph.remote.http_transport import HttpTransport
from infergraph.graph.remote.rest_wire import RestWire

if TYPE_CHECKING:
    from infergraph.graph.remote.grpc_transport import GrpcTransport


class Wire(Protocol):
    """Asks one component. What it can be asked are the ``exchanges``, by operation."""

    @property
    def exchanges(self) -> Exchanges: ...

    async def ask(self, exchange: Exchange, body: bytes, context: Context) -> bytes:
        """The answer to a question. :raises ComponentError: when there is none."""


def wire_to(
    subject: Subject, address: Address, transport: "HttpTransport | GrpcTransport", calls: Calls, limits: CallLimits
) -> Wire:
    """What a unit is asked over, as its address says; gRPC and its messages are imported only for who is called so."""
    if isinstance(transport, HttpTransport):
        return RestWire(subject, address, transport, calls, limits)
    from infergraph.graph.remote.grpc_wire import GrpcWire

    return GrpcWire(subject, address, transport, calls, limits)
