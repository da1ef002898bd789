"""How a component is asked over REST."""

from functools import partial
from http import HTTPStatus

from infergraph.errors import BadAnswer, BadMessage, VerbatimAnswer
from infergraph.graph.context import Context
from infergraph.graph.remote import seldon_rest, tensorflow_rest, v2_rest
from infergraph.graph.remote.address import Address, Protocol
from infergraph.graph.remote.calls import CallLimits, Calls
from infergraph.graph.remote.exchange import Exchange, Subject
from infergraph.graph.remote.headers import forwarded
from infergraph.graph.remote.http_transport import HttpTransport
from infergraph.payloads import json_text

_PROTOCOLS = {
    Protocol.SELDON: seldon_rest.exchanges,
    Protocol.V2: v2_rest.exchanges,
    Protocol.TENSORFLOW: tensorflow_rest.exchanges,
}


class RestWire:
    """Sends the questions for one component, and gets its answers."""

    def __init__(
        self, subject: Subject, address: Address, transport: HttpTransport, calls: Calls, limits: CallLimits
    ) -> None:
        self.exchanges = _PROTOCOLS[address.protocol](subject)
        self._unit = subject.unit
        self._base = f"http://{address}"
        self._transport = transport
        self._calls = calls
        self._limits = limits

    async def ask(self, exchange: Exchange, body: bytes, context: Context) -> bytes:
        """The body of a good answer; any other goes to the caller as it is (SELDON_V1 §3.4)."""
        method, url = "GET" if exchange.encode is None else "POST", self._base + exchange.path
        send = partial(
            self._transport.send,
            method,
            url,
            forwarded(context.headers, context.puid),
            body or None,
            answer_bytes=self._limits.answer_bytes,
            connect_s=self._limits.connect_s,
        )
        answer = await self._calls.make(send, url)
        if answer.status != HTTPStatus.OK:
            raise self._refused(answer.status, answer.body, url)
        return answer.body

    def _refused(self, status: int, body: bytes, url: str) -> VerbatimAnswer | BadAnswer:
        """A status that cannot be said on, or one without a JSON body, is no component's own word."""
        if status in range(400, 600) and _is_json_object(body, self._limits.json_depth):
            return VerbatimAnswer(status, body)
        return BadAnswer(
            f"Unit `{self._unit}`: expected status 200 of {url}, got {status} {body[:200].decode(errors='replace')!r}"
        )


def _is_json_object(body: bytes, max_depth: int) -> bool:
    """Whether a body can be the answer to a failed request."""
    try:
        return isinstance(json_text.decode(body, max_depth), dict)
    except BadMessage:
        return False
