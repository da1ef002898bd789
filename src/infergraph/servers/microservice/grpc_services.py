"""The seven gRPC services of a component (SELDON_V1 §4.1); which of their methods do something is the class's matter.

From here on a request is a codec, a step, and a codec again; where a component wants the messages themselves, the step
alone.
"""

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from infergraph.errors import VerbatimAnswer
from infergraph.graph import Context
from infergraph.payloads.metadata_proto import encode_model_metadata
from infergraph.payloads.protos import PACKAGE
from infergraph.payloads.seldon_proto import (
    decode_feedback,
    decode_message,
    decode_messages,
    encode_message,
    encode_verbatim,
)
from infergraph.servers.grpc_calls import Call, Calls, Service
from infergraph.servers.grpc_target import Directory, GrpcTarget
from infergraph.servers.microservice.unit import ServedUnit

_METHODS = {
    "Predict": "predict",
    "TransformInput": "transform_input",
    "TransformOutput": "transform_output",
    "Route": "route",
    "Aggregate": "aggregate",
    "SendFeedback": "send_feedback",
}
_SERVICES = {
    "Generic": ("TransformInput", "TransformOutput", "Route", "Aggregate", "SendFeedback"),
    "Model": ("Predict", "SendFeedback"),
    "Router": ("Route", "SendFeedback"),
    "Transformer": ("TransformInput",),
    "OutputTransformer": ("TransformOutput",),
    "Combiner": ("Aggregate",),
    "Seldon": ("Predict", "SendFeedback"),
}
_DECODERS: dict[str, Callable[[bytes, int], Any]] = {"aggregate": decode_messages, "send_feedback": decode_feedback}
_NO_GRAPH = "Seldon.GraphMetadata asks a whole graph, and this is one component; call Seldon.ModelMetadata"


class OneTarget(Directory):
    """The one component answers every call, whatever deployment the metadata that an engine hands on may name."""

    def find(self, _: object) -> GrpcTarget:
        return self.targets[0]


def component_services(unit: ServedUnit, calls: Calls) -> dict[str, Service]:
    """Every service, by name."""
    served = {service: {name: _call(unit, _METHODS[name]) for name in names} for service, names in _SERVICES.items()}
    served["Model"]["Metadata"] = served["Seldon"]["ModelMetadata"] = _metadata(unit)
    found = {
        f"{PACKAGE}.{service}": {
            name: calls.unary(call, f"/{PACKAGE}.{service}/{name}") for name, call in named.items()
        }
        for service, named in served.items()
    }
    found[f"{PACKAGE}.Seldon"]["GraphMetadata"] = calls.refusal(_NO_GRAPH)
    return found


def _call(unit: ServedUnit, operation: str) -> Call:
    decode = _DECODERS.get(operation, decode_message)
    max_depth = unit.limits.json_depth

    async def ask(target: GrpcTarget, request: bytes, context: Context) -> bytes:
        steps, of_bytes = unit.steps, unit.protobuf_steps.get(operation)
        try:
            async with target.deadline():
                if of_bytes is not None:
                    return await of_bytes(request, context)
                step: Callable[[Any, Context], Awaitable[Any]] = getattr(steps, operation)
                question = decode(request, max_depth)
                context.timings.decoded_s = perf_counter()
                payload = await step(question, context)
        except VerbatimAnswer as answer:
            if answer.http_status >= 400:
                raise
            return encode_verbatim(answer.body)
        context.timings.walked_s = perf_counter()
        return encode_message(payload)

    return ask


def _metadata(unit: ServedUnit) -> Call:
    async def metadata(_: GrpcTarget, __: bytes, ___: Context) -> bytes:
        return encode_model_metadata(unit.only_component.metadata())

    return metadata
