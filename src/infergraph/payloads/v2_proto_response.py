"""The inference response of the v2 protocol in protobuf: tensors as raw bytes, or as typed values."""

from typing import Any

from google.protobuf.message import EncodeError

from infergraph.errors import BadAnswer
from infergraph.payloads.datatypes import BYTES
from infergraph.payloads.infer_parameters import fill_parameters
from infergraph.payloads.payload import Array, Payload
from infergraph.payloads.protos import ModelInferResponse, ModelStreamInferResponse
from infergraph.payloads.protos.wire import Piece, field
from infergraph.payloads.v2_binary import elements_of, to_binary
from infergraph.payloads.v2_proto_request import CONTENTS
from infergraph.payloads.v2_request import Wanted
from infergraph.payloads.v2_response import Model, outputs_of, parameters_of

_RAW = ModelInferResponse.DESCRIPTOR.fields_by_name["raw_output_contents"].number
_ANSWER = ModelStreamInferResponse.DESCRIPTOR.fields_by_name["infer_response"].number


def encode_response(payload: Payload, wanted: Wanted, model: Model) -> bytes:
    """The ModelInferResponse: raw where the request was raw, and where an output cannot be anything else.

    Each raw array is copied once, into the message.

    :raises BadMessage: when an output is wanted that there is none of, or in a form that it cannot have.
    :raises BadAnswer: when an output holds what no datatype does.
    """
    return b"".join(response_pieces(payload, wanted, model))


def encode_stream_response(payload: Payload, wanted: Wanted, model: Model) -> bytes:
    """The ModelStreamInferResponse of an answer. :raises BadMessage, BadAnswer: as `encode_response`."""
    return b"".join(field(_ANSWER, response_pieces(payload, wanted, model)))


def encode_stream_error(message: str, request_id: str) -> bytes:
    """The ModelStreamInferResponse of an error, with the id of the request that it is about."""
    response = ModelStreamInferResponse(error_message=message)
    if request_id:
        response.infer_response.id = request_id
    body: bytes = response.SerializeToString()
    return body


def response_pieces(payload: Payload, wanted: Wanted, model: Model) -> list[Piece]:
    """What the message is made of; the pieces are parts of the arrays themselves where they are raw."""
    response = ModelInferResponse(model_name=model.name, model_version=model.version, id=wanted.id or "")
    outputs = list(outputs_of(payload, wanted, model))
    is_raw = wanted.is_binary or any(datatype not in CONTENTS for _, datatype, _, _ in outputs)
    raw: list[Piece] = []
    try:
        fill_parameters(response.parameters, parameters_of(payload.meta.tags or {}))
        for name, datatype, array, _ in outputs:
            output = response.outputs.add(name=name, datatype=datatype, shape=array.shape)
            if is_raw:
                raw += field(_RAW, [to_binary(datatype, array, name)])
            else:
                _fill(output.contents, datatype, array, name)
        return [response.SerializeToString(), *raw]
    except (TypeError, ValueError, EncodeError) as error:
        raise BadAnswer(f"The answer holds a value that a ModelInferResponse cannot say: {error}") from error


def _fill(contents: Any, datatype: str, array: Array, name: str) -> None:
    values = elements_of(array, name) if datatype == BYTES else array.ravel().tolist()
    contents.SetInParent()
    getattr(contents, CONTENTS[datatype]).extend(values)
