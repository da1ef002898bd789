"""The seldon protocol over gRPC, as an engine speaks it to a component (SELDON_V1 §3.8, §4.1)."""

from collections.abc import Callable
from functools import partial

from infergraph.components.reply import first_branch
from infergraph.graph.remote.exchange import Exchange, Exchanges, Subject
from infergraph.payloads.metadata_proto import decode_model_metadata
from infergraph.payloads.payload import Encoding, Payload
from infergraph.payloads.protos import PACKAGE
from infergraph.payloads.seldon_proto import (
    decode_any_message,
    decode_message,
    encode_feedback,
    encode_message,
    encode_messages,
)

SERVICES = {
    "predict": ("Model", "Predict"),
    "transform_input": ("Transformer", "TransformInput"),
    "transform_output": ("OutputTransformer", "TransformOutput"),
    "route": ("Router", "Route"),
    "aggregate": ("Combiner", "Aggregate"),
    "send_feedback": ("Model", "SendFeedback"),  # of routers too, as upstream
    "metadata": ("Model", "Metadata"),
}


def exchanges(subject: Subject) -> Exchanges:
    """Every operation that the protocol has; it has no word for health."""
    unit, max_depth = subject.unit, subject.max_depth
    message, anything = partial(decode_message, max_depth=max_depth), partial(decode_any_message, max_depth=max_depth)
    found = {name: Exchange(_path(name), encode_message, message) for name in SERVICES}
    return found | {
        "route": Exchange(_path("route"), encode_message, _route(anything, unit)),
        "aggregate": Exchange(_path("aggregate"), encode_messages, message),
        "send_feedback": Exchange(_path("send_feedback"), encode_feedback, anything),
        "metadata": Exchange(_path("metadata"), None, decode_model_metadata),
    }


def _path(operation: str) -> str:
    service, method = SERVICES[operation]
    return f"/{PACKAGE}.{service}/{method}"


def _route(decode: Callable[[bytes], Payload], unit: str) -> Callable[[bytes], int]:
    def branch(body: bytes) -> int:
        payload = decode(body)
        has_data = payload.is_array and payload.encoding is not Encoding.NONE
        return first_branch(payload.data, unit) if has_data else -1  # all of them, as upstream

    return branch
