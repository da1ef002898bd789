"""TensorFlow Serving's protocol from the caller's side, over gRPC: a predict request written, and the answer read."""

from collections.abc import Sequence

from google.protobuf import json_format

from infergraph.errors import BadMessage
from infergraph.payloads import tensor_proto
from infergraph.payloads.declared import Declared
from infergraph.payloads.payload import Encoding, JsonObject, Payload
from infergraph.payloads.proto_message import parse, parse_cut, written
from infergraph.payloads.protos import (
    GetModelMetadataRequest,
    GetModelMetadataResponse,
    GetModelStatusRequest,
    GetModelStatusResponse,
    PredictRequest,
    PredictResponse,
    SignatureDefMap,
)
from infergraph.payloads.protos.wire import Paths, Piece
from infergraph.payloads.tensorflow_call import SIGNATURES, arrays_of, described
from infergraph.payloads.tensorflow_proto import entry
from infergraph.payloads.v2_call import check_outputs
from infergraph.payloads.v2_request import payload_of_tensors

_INPUTS = PredictRequest.DESCRIPTOR.fields_by_name["inputs"].number
_OUTPUTS = PredictResponse.DESCRIPTOR.fields_by_name["outputs"].number
_VALUE = 2  # of an entry of a map
_CUT: Paths = {_OUTPUTS: {_VALUE: {tensor_proto.CONTENT: None}}}


def encode_request(payload: Payload, model: str, declared: Sequence[Declared], signature: str = "") -> bytes:
    """The PredictRequest, for all outputs. Each array is copied once, into the message.

    ``signature`` is the one that is asked, empty for the default.

    :raises BadAnswer: when an array holds what no type of TensorFlow does.
    """
    request = PredictRequest()
    request.model_spec.name = model
    request.model_spec.signature_name = signature
    pieces: list[Piece] = [request.SerializeToString()]
    for name, array in arrays_of(payload, declared).items():
        pieces += entry(_INPUTS, name, array)
    return b"".join(pieces)


def decode_response(body: bytes) -> Payload:
    """The payload of a PredictResponse; packed tensors become views, of a large message on the body.

    :raises BadMessage: when the bytes are no such response, in a sentence that says where.
    """
    response, contents = parse_cut(PredictResponse, body, _CUT)
    check_outputs(len(response.outputs))
    tensors = {
        name: tensor_proto.decode(tensor, contents, f"$.outputs[{name!r:.60}]")
        for name, tensor in sorted(response.outputs.items())  # a map has no order, and columns need one
    }
    return payload_of_tensors(tensors, Encoding.TF)


def encode_metadata_request(model: str) -> bytes:
    """The GetModelMetadataRequest of a model."""
    request = GetModelMetadataRequest(metadata_field=[SIGNATURES])
    request.model_spec.name = model
    return written(request)


def decode_metadata(body: bytes) -> JsonObject:
    """What a GetModelMetadataResponse says, in the words of SELDON_V1 §3.7.

    :raises BadMessage: when the bytes are none, or it says nothing of signatures.
    """
    response = parse(GetModelMetadataResponse, body)
    if SIGNATURES not in response.metadata:
        raise BadMessage(f"expected metadata with {SIGNATURES}, got {', '.join(response.metadata) or 'none'}")
    signatures: JsonObject = json_format.MessageToDict(
        parse(SignatureDefMap, response.metadata[SIGNATURES].value), preserving_proto_field_name=True
    )
    return described(signatures)


def encode_status_request(model: str) -> bytes:
    """The GetModelStatusRequest of a model."""
    request = GetModelStatusRequest()
    request.model_spec.name = model
    return written(request)


def decode_status(body: bytes) -> JsonObject:
    """What a GetModelStatusResponse says, as JSON. :raises BadMessage: when the bytes are none."""
    status: JsonObject = json_format.MessageToDict(
        parse(GetModelStatusResponse, body), preserving_proto_field_name=True
    )
    return status
