"""How a component is asked over gRPC."""

from functools import partial

from infergraph.errors import BadAnswer, VerbatimStatus
from infergraph.graph.context import Context
from infergraph.graph.remote import seldon_grpc, tensorflow_grpc, v2_grpc
from infergraph.graph.remote.address import Address, Protocol
from infergraph.graph.remote.calls import CallLimits, Calls
from infergraph.graph.remote.exchange import Exchange, Subject
from infergraph.graph.remote.grpc_transport import GrpcAnswer, GrpcTransport
from infergraph.graph.remote.headers import metadata_of

_PROTOCOLS = {
    Protocol.SELDON: seldon_grpc.exchanges,
    Protocol.V2: v2_grpc.exchanges,
    Protocol.TENSORFLOW: tensorflow_grpc.exchanges,
}


class GrpcWire:
    """Sends the questions for one component, and gets its answers."""

    def __init__(
        self, subject: Subject, address: Address, transport: GrpcTransport, calls: Calls, limits: CallLimits
    ) -> None:
        self.exchanges = _PROTOCOLS[address.protocol](subject)
        self._unit = subject.unit
        self._address = address
        self._transport = transport
        self._calls = calls
        self._limits = limits

    async def ask(self, exchange: Exchange, body: bytes, context: Context) -> bytes:
        """The message of a good answer; any other status goes to the caller as it is (SELDON_V1 §3.8)."""
        metadata = metadata_of(context.headers, context.puid)
        send = partial(self._transport.send, str(self._address), exchange.path, metadata, body, limits=self._limits)
        answer = await self._calls.make(send, exchange.path)
        if answer.code:
            raise self._refused(answer, exchange.path)
        return answer.body

    def _refused(self, answer: GrpcAnswer, path: str) -> VerbatimStatus | BadAnswer:
        """That a method is not there is no word for the caller, who has not asked for it."""
        if answer.code == "UNIMPLEMENTED":
            return BadAnswer(
                f"Unit `{self._unit}` at {self._address} does not offer {path}: {answer.details}; is it of the type "
                "that the manifest says, and does it speak the manifest's protocol?"
            )
        return VerbatimStatus(answer.code, answer.details, reason=answer.reason)
