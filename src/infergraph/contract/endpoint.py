"""What can be asked of a component or a deployment, over REST and gRPC."""

from collections.abc import Sequence
from typing import Any

import msgspec

from infergraph.payloads import json_text
from infergraph.payloads.payload import Payload
from infergraph.payloads.seldon_message import message_of


class Endpoint(msgspec.Struct, frozen=True):
    """A path, and a method of gRPC."""

    path: str
    method: str


ENDPOINTS = {
    "predict": Endpoint("/api/v1.0/predictions", "Seldon/Predict"),
    "transform-input": Endpoint("/transform-input", "Transformer/TransformInput"),
    "transform-output": Endpoint("/transform-output", "OutputTransformer/TransformOutput"),
    "route": Endpoint("/route", "Router/Route"),
    "aggregate": Endpoint("/aggregate", "Combiner/Aggregate"),
    "send-feedback": Endpoint("/api/v1.0/feedback", "Seldon/SendFeedback"),
}


class Question(msgspec.Struct, frozen=True):
    """What is asked: one message, a list of them, or a feedback of request, response, truth and reward."""

    payloads: Sequence[Payload]
    is_list: bool = False
    reward: float | None = None

    def as_json(self) -> bytes:
        """The body over REST."""
        return json_text.encode(self._message([message_of(payload) for payload in self.payloads]))

    def as_protobuf(self) -> bytes:
        """The message over gRPC."""
        from infergraph.payloads.protos import Feedback, SeldonMessage, SeldonMessageList
        from infergraph.payloads.seldon_proto import encode_message

        messages = [SeldonMessage.FromString(encode_message(payload)) for payload in self.payloads]
        if self.is_list:
            body: bytes = SeldonMessageList(seldonMessages=messages).SerializeToString()
        elif self.reward is not None:
            body = Feedback(**dict(zip(_PARTS, messages, strict=True)), reward=self.reward).SerializeToString()
        else:
            body = messages[0].SerializeToString()
        return body

    def _message(self, messages: list[Any]) -> Any:
        if self.is_list:
            return {"seldonMessages": messages}
        if self.reward is not None:
            return {**dict(zip(_PARTS, messages, strict=True)), "reward": self.reward}
        return messages[0]


_PARTS = ("request", "response", "truth")
