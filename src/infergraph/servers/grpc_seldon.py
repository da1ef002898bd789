"""The seldon protocol over gRPC: predictions, feedback and metadata (SELDON_V1 §3.8).

From here on a request is a codec, a step, and a codec again.
"""

from time import perf_counter

from infergraph.errors import MethodNotAllowed, VerbatimAnswer
from infergraph.graph import Context
from infergraph.payloads.metadata_proto import encode_graph_metadata, encode_model_metadata
from infergraph.payloads.proto_message import parse
from infergraph.payloads.protos import PACKAGE, SeldonModelMetadataRequest
from infergraph.payloads.seldon_proto import decode_feedback, decode_message, encode_message, encode_verbatim
from infergraph.servers.grpc_calls import Call, Calls, Service
from infergraph.servers.grpc_target import GrpcTarget
from infergraph.servers.inference import with_routing


def seldon_services(calls: Calls) -> dict[str, Service]:
    """Every service of the protocol by name; a graph is a model to those who speak of components."""
    served: dict[str, dict[str, Call]] = {
        "Seldon": {
            "Predict": _predict,
            "SendFeedback": _send_feedback,
            "ModelMetadata": _model_metadata,
            "GraphMetadata": _graph_metadata,
        },
        "Model": {"Predict": _predict, "SendFeedback": _send_feedback, "Metadata": _root_metadata},
        "Router": {"SendFeedback": _send_feedback},
        "Generic": {"SendFeedback": _send_feedback},
    }
    for service, methods in _OF_UNITS.items():
        for method in methods:
            served.setdefault(service, {})[method] = _refusal(service, method)
    return {
        f"{PACKAGE}.{service}": {
            method: calls.unary(call, f"/{PACKAGE}.{service}/{method}") for method, call in methods.items()
        }
        for service, methods in served.items()
    }


# What only a unit alone can be asked.
_OF_UNITS = {
    "Router": ["Route"],
    "Transformer": ["TransformInput"],
    "OutputTransformer": ["TransformOutput"],
    "Combiner": ["Aggregate"],
    "Generic": ["TransformInput", "TransformOutput", "Route", "Aggregate"],
}


async def _predict(target: GrpcTarget, request: bytes, context: Context) -> bytes:
    step = target.served.executable.predict
    payload = decode_message(request, target.served.limits.json_depth)
    try:
        context.timings.decoded_s = perf_counter()
        async with target.deadline():
            payload = await step(payload, context)
        context.timings.walked_s = perf_counter()
    except VerbatimAnswer as answer:
        if answer.http_status >= 400:
            raise
        return encode_verbatim(answer.body)
    return encode_message(with_routing(payload, context))


async def _send_feedback(target: GrpcTarget, request: bytes, context: Context) -> bytes:
    step = target.served.executable.feedback
    feedback = decode_feedback(request, target.served.limits.json_depth)
    async with target.deadline():
        reply = await step(feedback, context)
    return b"" if reply is None else encode_message(reply)  # none: no unit at the root takes feedback


async def _model_metadata(target: GrpcTarget, request: bytes, _: Context) -> bytes:
    unit = parse(SeldonModelMetadataRequest, request).name
    return encode_model_metadata(target.served.component(unit).metadata())


async def _root_metadata(target: GrpcTarget, _: bytes, __: Context) -> bytes:
    return encode_model_metadata(target.served.component(target.served.main.graph.name).metadata())


async def _graph_metadata(target: GrpcTarget, _: bytes, __: Context) -> bytes:
    return encode_graph_metadata(target.served.metadata())


def _refusal(service: str, method: str) -> Call:
    async def refuse(target: GrpcTarget, _: bytes, __: Context) -> bytes:
        raise MethodNotAllowed(
            f"{service}.{method} asks one unit, and this is the whole graph of {target.name}; call Seldon.Predict",
            allowed="Seldon.Predict",
        )

    return refuse
