"""TensorFlow Serving's predict call over gRPC: protobuf bytes to payload and back (tensorflow_serving/apis)."""

from typing import Any

import msgspec

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import tensor_proto
from infergraph.payloads.datatypes import typed
from infergraph.payloads.payload import Array, Encoding, Payload
from infergraph.payloads.proto_message import parse_cut
from infergraph.payloads.protos import PredictRequest, PredictResponse
from infergraph.payloads.protos.wire import Paths, Piece, field
from infergraph.payloads.v2_request import MAX_TENSORS, payload_of_tensors
from infergraph.payloads.v2_response import chosen, tensors_of

_KEY, _VALUE = 1, 2  # of an entry of a map
_INPUTS = PredictRequest.DESCRIPTOR.fields_by_name["inputs"].number
_OUTPUTS = PredictResponse.DESCRIPTOR.fields_by_name["outputs"].number
_CUT: Paths = {_INPUTS: {_VALUE: {tensor_proto.CONTENT: None}}}


class ModelSpec(msgspec.Struct, frozen=True):
    """The model that a request names; a version, or label of one, that is empty means the one that there is."""

    name: str
    version: str = ""
    signature: str = ""


class PredictQuestion(msgspec.Struct, frozen=True):
    """A predict request: for which model, with what, and which outputs are wanted (None is all)."""

    spec: ModelSpec
    payload: Payload
    outputs: list[str] | None = None


def decode_predict(body: bytes) -> PredictQuestion:
    """The predict request that a PredictRequest is; packed tensors become views, of a large message on the body.

    :raises BadMessage: when the bytes are no such request, in a sentence that says where.
    """
    request, contents = parse_cut(PredictRequest, body, _CUT)
    if not 1 <= len(request.inputs) <= MAX_TENSORS:
        raise BadMessage(f"Expected 1 to {MAX_TENSORS} inputs, got {len(request.inputs)} - at `$.inputs`")
    if len(request.output_filter) > MAX_TENSORS:
        raise BadMessage(
            f"Expected at most {MAX_TENSORS} outputs, got {len(request.output_filter)} - at `$.output_filter`"
        )
    tensors = {
        name: tensor_proto.decode(tensor, contents, f"$.inputs[{name!r:.60}]")
        for name, tensor in sorted(request.inputs.items())  # a map has no order, and columns need one
    }
    wanted = list(dict.fromkeys(request.output_filter)) or None
    return PredictQuestion(spec_of(request.model_spec), payload_of_tensors(tensors, Encoding.TF), wanted)


def encode_predict(payload: Payload, question: PredictQuestion, *, name: str, version: int, output: str) -> bytes:
    """The PredictResponse; ``output`` is what a single output is called. Each array is copied once, into the message.

    :raises BadMessage: when an output is wanted that there is none of.
    :raises BadAnswer: when an output holds what no type of TensorFlow does.
    """
    response = PredictResponse()
    response.model_spec.name = name
    response.model_spec.version.value = version
    response.model_spec.signature_name = question.spec.signature or "serving_default"
    pieces: list[Piece] = [response.SerializeToString()]
    for key, array in chosen(tensors_of(payload, output), question.outputs, "$.output_filter").items():
        pieces += entry(_OUTPUTS, key, typed(array, key)[1])
    return b"".join(pieces)


def entry(number: int, name: str, array: Array) -> list[Piece]:
    """One entry of a map of tensors, which is field ``number``; the array is held as its datatype is.

    :raises BadAnswer: when its name, or what it holds, cannot be said.
    """
    return field(number, [*field(_KEY, [_key(name)]), *field(_VALUE, tensor_proto.encode(array))])


def _key(name: str) -> bytes:
    try:
        return name.encode()
    except UnicodeEncodeError as error:
        raise BadAnswer(f"The output {name!r:.60} has a name that UTF-8 cannot say: {error.reason}") from error


def spec_of(spec: Any) -> ModelSpec:
    """The model that a ModelSpec names."""
    version = str(spec.version.value) if spec.HasField("version") else spec.version_label
    return ModelSpec(spec.name, version, spec.signature_name)
