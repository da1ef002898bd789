"""What a client asks, over gRPC: the service seldon.protos.Seldon, in which typed tensors travel as their bytes."""

from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec
import numpy as np
from google.protobuf import json_format
from google.protobuf.message import DecodeError

from infergraph.client import seldon_form
from infergraph.client.address import Address
from infergraph.client.errors import BadReply, Busy, Refused, ServerFailed, Unsendable
from infergraph.client.question import Question
from infergraph.client.request import Call, Reply, Request
from infergraph.client.rest import PUID
from infergraph.client.result import Result, result_of
from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import seldon_proto, tftensor
from infergraph.payloads.payload import Encoding, JsonObject, Payload
from infergraph.payloads.protos import (
    Feedback,
    SeldonGraphMetadata,
    SeldonMessage,
    SeldonModelMetadata,
    SeldonModelMetadataRequest,
)

T = TypeVar("T")
HEALTH = "/grpc.health.v1.Health/Check"
_SERVING = b"\x08\x01"  # HealthCheckResponse: field 1, status, is SERVING


class Grpc:
    """The calls to one address."""

    def __init__(self, address: Address) -> None:
        named = {"seldon": address.deployment, "namespace": address.namespace}
        self._metadata = {key: value for key, value in named.items() if value}

    def predict(self, question: Question, headers: dict[str, str]) -> Call[Result]:
        """A prediction. :raises Unsendable: when a SeldonMessage cannot say the question exactly."""
        body = _encoded(_sendable(question.payload))
        return Call(self._request("Predict", headers, body), lambda reply: _result(question, reply))

    def feedback(
        self, result: Result, reward: float, truth: Payload | None, headers: dict[str, str]
    ) -> Call[JsonObject]:
        """What became of a prediction; never sent twice."""
        message = Feedback(reward=reward)
        message.request.MergeFromString(_encoded(_sendable(result.question)))
        message.response.MergeFromString(_encoded(_sendable(result.answer)))
        if truth is not None:
            message.truth.MergeFromString(_encoded(_sendable(truth)))
        request = self._request("SendFeedback", headers, message.SerializeToString())
        return Call(request, lambda reply: _json(SeldonMessage, reply), is_repeatable=False)

    def metadata(self, unit: str, headers: dict[str, str]) -> Call[JsonObject]:
        """What the graph, or one unit, says of itself."""
        if not unit:
            return Call(self._request("GraphMetadata", headers, b""), lambda reply: _json(SeldonGraphMetadata, reply))
        body = SeldonModelMetadataRequest(name=unit).SerializeToString()
        return Call(self._request("ModelMetadata", headers, body), lambda reply: _json(SeldonModelMetadata, reply))

    def is_ready(self, headers: dict[str, str]) -> Call[bool]:
        """Whether every model is loaded."""
        return Call(Request("POST", HEALTH, {**headers, **self._metadata}), _is_serving)

    def is_live(self, headers: dict[str, str]) -> Call[bool]:
        """Whether the server answers at all."""
        return Call(Request("POST", HEALTH, {**headers, **self._metadata}), lambda reply: bool(check(reply)))

    def _request(self, method: str, headers: dict[str, str], body: bytes) -> Request:
        return Request("POST", f"/seldon.protos.Seldon/{method}", {**headers, **self._metadata}, body)


def check(reply: Reply) -> Reply:
    """The reply, when it is an answer. :raises Answered: when the call failed."""
    if reply.status == 200:
        return reply
    status, puid, reason = reply.status, reply.headers.get(PUID, ""), reply.headers.get("grpc-code", "")
    unit = unquote(reply.headers.get("infergraph-unit", ""))
    kind = Busy if status == 503 else Refused if 400 <= status < 500 else ServerFailed
    raise kind(reply.message, status=status, reason=reason, puid=puid, unit=unit)


def _sendable(payload: Payload) -> Payload:
    """The payload in the encoding that keeps its type here, where every other number is a 64-bit float."""
    is_free = payload.encoding is Encoding.V2
    payload = seldon_form.sendable(payload)
    is_typed = payload.is_array and payload.data.dtype.name in tftensor.NAMES
    is_typed = is_typed and (is_free or payload.data.dtype != np.float64)
    return msgspec.structs.replace(payload, encoding=Encoding.TFTENSOR) if is_typed else payload


def _encoded(payload: Payload) -> bytes:
    try:
        return seldon_proto.encode_message(payload)
    except BadAnswer as error:
        raise Unsendable(str(error).replace("The answer holds", "The data hold")) from None


def _result(question: Question, reply: Reply) -> Result:
    try:
        answer = seldon_proto.decode_message(check(reply).body, seldon_form.MAX_DEPTH)
    except BadMessage as error:
        raise BadReply(f"The answer is no SeldonMessage: {error}") from None
    return result_of(question, answer, reply.headers.get(PUID, ""))


def _json(kind: Any, reply: Reply) -> JsonObject:
    try:
        message = kind.FromString(check(reply).body)
    except DecodeError as error:
        raise BadReply(f"The answer is no {kind.DESCRIPTOR.name}: {error}") from None
    value: JsonObject = json_format.MessageToDict(message)
    return value


def _is_serving(reply: Reply) -> bool:
    return reply.status == 200 and reply.body == _SERVING
