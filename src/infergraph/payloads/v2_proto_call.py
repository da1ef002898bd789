"""The v2 protocol in protobuf from the caller's side: an inference request written, and the response read."""

from collections.abc import Sequence
from typing import Any

import msgspec
from google.protobuf import json_format
from google.protobuf.message import EncodeError

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import v2_meta
from infergraph.payloads.answered import tags_in
from infergraph.payloads.datatypes import BYTES
from infergraph.payloads.declared import Declared, inputs_of
from infergraph.payloads.infer_parameters import parameters_in
from infergraph.payloads.payload import Array, Encoding, JsonObject, Payload
from infergraph.payloads.proto_message import parse, parse_cut, written
from infergraph.payloads.protos import (
    ModelInferRequest,
    ModelInferResponse,
    ModelMetadataRequest,
    ModelMetadataResponse,
    ModelReadyRequest,
    ModelReadyResponse,
)
from infergraph.payloads.protos.wire import Paths, Piece, field
from infergraph.payloads.v2_binary import elements_of, to_binary
from infergraph.payloads.v2_call import DEFAULT_NAME, check_outputs
from infergraph.payloads.v2_proto_request import CONTENTS, tensor_of
from infergraph.payloads.v2_request import payload_of_tensors

_Tensor = ModelInferRequest.InferInputTensor
_Contents = _Tensor.DESCRIPTOR.fields_by_name["contents"].message_type
_INPUTS, _RAW = (ModelInferRequest.DESCRIPTOR.fields_by_name[name].number for name in ("inputs", "raw_input_contents"))
_CONTENTS = _Tensor.DESCRIPTOR.fields_by_name["contents"].number
_PACKED = {datatype: _Contents.fields_by_name[CONTENTS[datatype]].number for datatype in ("FP32", "FP64")}
"""The fields whose bytes on the wire are those of the array."""
_CUT: Paths = {ModelInferResponse.DESCRIPTOR.fields_by_name["raw_output_contents"].number: None}


def encode_request(payload: Payload, model: str, declared: Sequence[Declared]) -> bytes:
    """The ModelInferRequest, for all outputs: typed values, which every server reads, raw where a datatype has none.

    Floats are copied once, into the message.

    :raises BadAnswer: when a value cannot be said.
    """
    inputs = inputs_of(payload, declared, DEFAULT_NAME)
    is_raw = any(datatype not in CONTENTS for datatype, _ in inputs.values())
    pieces: list[Piece] = [ModelInferRequest(model_name=model).SerializeToString()]
    raw: list[Piece] = []
    try:
        for name, (datatype, array) in inputs.items():
            head: list[Piece] = [_Tensor(name=name, datatype=datatype, shape=array.shape).SerializeToString()]
            if is_raw:
                raw += field(_RAW, [to_binary(datatype, array, name)])
            else:
                head += field(_CONTENTS, _values(datatype, array, name))
            pieces += field(_INPUTS, head)
    except (TypeError, ValueError, EncodeError) as error:
        raise BadAnswer(f"A ModelInferRequest cannot say what the next unit is asked: {error}") from error
    return b"".join([*pieces, *raw])


def decode_response(body: bytes) -> Payload:
    """The payload of a ModelInferResponse; its parameters are tags. Raw tensors become views, of a large one on it.

    :raises BadMessage: when the bytes are no such response, in a sentence that says where.
    """
    response, contents = parse_cut(ModelInferResponse, body, _CUT)
    check_outputs(len(response.outputs))
    raw = response.raw_output_contents
    if raw and len(raw) != len(response.outputs):
        raise BadMessage(f"Expected {len(response.outputs)} raw_output_contents, got {len(raw)}")
    tensors: dict[str, Array] = {}
    for index, output in enumerate(response.outputs):
        tensors[output.name] = tensor_of(output, raw[index] if raw else None, contents, f"$.outputs[{index}]")
    meta = tags_in(parameters_in(response.parameters), but=v2_meta.PARAMETER)
    return msgspec.structs.replace(payload_of_tensors(tensors, Encoding.V2), meta=meta)


def encode_metadata_request(model: str) -> bytes:
    """The ModelMetadataRequest of a model."""
    return written(ModelMetadataRequest(name=model))


def decode_metadata(body: bytes) -> JsonObject:
    """What a ModelMetadataResponse says. :raises BadMessage: when the bytes are none."""
    message = parse(ModelMetadataResponse, body)
    found: JsonObject = json_format.MessageToDict(message)
    return found | {name: [_described(one) for one in getattr(message, name)] for name in ("inputs", "outputs")}


def encode_ready_request(model: str) -> bytes:
    """The ModelReadyRequest of a model."""
    return written(ModelReadyRequest(name=model))


def decode_ready(body: bytes) -> bool:
    """What a ModelReadyResponse says. :raises BadMessage: when the bytes are none."""
    return bool(parse(ModelReadyResponse, body).ready)


def _described(tensor: Any) -> JsonObject:
    return {"name": tensor.name, "datatype": tensor.datatype, "shape": list(tensor.shape)}


def _values(datatype: str, array: Array, name: str) -> list[Piece]:
    if datatype in _PACKED:
        return field(_PACKED[datatype], [array.data]) if array.size else []
    contents = _Tensor().contents
    values = elements_of(array, name) if datatype == BYTES else array.ravel().tolist()
    getattr(contents, CONTENTS[datatype]).extend(values)
    return [contents.SerializeToString()]
