"""Methods of a component that take and give protobuf messages: ``*_grpc`` and, over gRPC, ``*_raw`` (SELDON_V1 §4.2).

Needs protobuf; the rest of this package does not.
"""

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf import json_format

from infergraph.components.component import Component
from infergraph.components.either import either
from infergraph.components.method import method_of
from infergraph.components.metrics import raw_metrics
from infergraph.components.operation import Operation
from infergraph.components.reply import Reply
from infergraph.errors import BadMessage
from infergraph.payloads.meta_proto import meta_of
from infergraph.payloads.payload import JsonObject
from infergraph.payloads.proto_message import parse
from infergraph.payloads.protos import Feedback, SeldonMessage, SeldonMessageList
from infergraph.payloads.seldon_proto import decode_feedback, decode_message, decode_messages, encode_message

_KINDS = {"aggregate": SeldonMessageList, "send_feedback": Feedback}
_DECODERS: dict[str, Callable[[bytes, int], Any]] = {"aggregate": decode_messages, "send_feedback": decode_feedback}


def protobuf_operations(
    component: Component, operations: Mapping[str, Operation], max_depth: int
) -> dict[str, Operation]:
    """Those of the operations that the component wants to do on protobuf messages: from bytes to bytes, by name.

    A method gets a SeldonMessage, SeldonMessageList or Feedback of the classes in `payloads.protos`, and returns a
    SeldonMessage of any class, or a dict. One that says it is not implemented leaves it to the operation given.
    """
    found: dict[str, Operation] = {}
    for name, operation in operations.items():
        target = component.target
        if method := method_of(target, f"{name}_grpc") or method_of(target, f"{name}_raw"):
            found[name] = either(_operation(component, name, method), _of_bytes(operation, max_depth))
    return found


def feedback_message(message: JsonObject) -> Any:
    """The Feedback of a JSON object. :raises BadMessage: when it is none."""
    try:
        return json_format.ParseDict(message, Feedback())
    except json_format.ParseError as error:
        raise BadMessage(f"Invalid JSON: {error}") from None


def _operation(component: Component, name: str, method: Callable[..., Any]) -> Operation:
    kind, reply = _KINDS.get(name, SeldonMessage), component.reply(name)

    def answer(body: bytes, result: Any) -> bytes:
        if name == "send_feedback":
            component.reporter.feedback(parse(kind, body).reward)
        return _bytes_of(reply, result)

    return Operation(component.unit, name, method, lambda body: (parse(kind, body),), answer)


def _of_bytes(operation: Operation, max_depth: int) -> Operation:
    """An operation on payloads, from bytes to bytes."""
    decode = _DECODERS.get(operation.name, decode_message)

    def run(body: bytes) -> bytes:
        return encode_message(operation.run(decode(body, max_depth)))

    return Operation(operation.unit, operation.name, run, lambda body: (body,), lambda _, result: result)


def _bytes_of(reply: Reply, result: Any) -> bytes:
    if not hasattr(result, "SerializeToString"):
        return encode_message(reply.raw(None, result))
    body: bytes = result.SerializeToString()
    if metrics := raw_metrics(meta_of(SeldonMessage.FromString(body)).metrics):
        reply.report(metrics)
    return body
