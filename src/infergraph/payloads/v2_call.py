"""The v2 protocol from the caller's side: an inference request written as JSON, and the response read."""

from collections.abc import Sequence
from typing import Any

import msgspec

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import json_text, v2_meta
from infergraph.payloads.answered import tags_in
from infergraph.payloads.declared import Declared, inputs_of
from infergraph.payloads.payload import Array, Encoding, JsonObject, Payload
from infergraph.payloads.v2_json import to_json
from infergraph.payloads.v2_request import MAX_TENSORS, RequestInput, payload_of_tensors, tensor_of

DEFAULT_NAME = "input-0"
"""What an input is called that neither its caller nor its model has a name for."""


class InferResponse(msgspec.Struct):
    """The response as its JSON says; its tensors are written as those of a request are."""

    outputs: list[RequestInput]
    parameters: JsonObject | None = None


_decoder = msgspec.json.Decoder(InferResponse)


def encode_request(payload: Payload, declared: Sequence[Declared], question: bytes = b"") -> bytes:
    """The inference request, for all outputs, as JSON throughout, which every server reads.

    ``question`` is as of `json_text.encode`.

    :raises BadAnswer: when there is no word for a value, as for bytes that are no text.
    """
    inputs = []
    for name, (datatype, array) in inputs_of(payload, declared, DEFAULT_NAME).items():
        try:
            data = to_json(datatype, array, name)
        except BadMessage:
            raise BadAnswer(
                f"Input `{name}` holds bytes that are no UTF-8 text, and JSON has no other; they can go over gRPC only"
            ) from None
        inputs.append({"name": name, "shape": list(array.shape), "datatype": datatype, "data": data})
    return json_text.encode({"inputs": inputs}, question)


def decode_response(body: bytes, max_depth: int) -> Payload:
    """The payload of an inference response; its parameters are tags.

    :raises BadMessage: when the body is no such response, in a sentence that says where.
    """
    response = json_text.decode_as(_decoder, body, max_depth, "an inference response")
    check_outputs(len(response.outputs))
    tensors: dict[str, Array] = {}
    for index, output in enumerate(response.outputs):
        tensors[output.name], _ = tensor_of(output, memoryview(b""), f"$.outputs[{index}]")
    parameters = response.parameters or {}
    json_text.check_depth(parameters, max_depth)
    return msgspec.structs.replace(
        payload_of_tensors(tensors, Encoding.V2), meta=tags_in(parameters, but=v2_meta.PARAMETER)
    )


def check_outputs(count: int) -> None:
    """:raises BadMessage: when a response has no outputs, or more than are read here."""
    if not 1 <= count <= MAX_TENSORS:
        raise BadMessage(f"Expected 1 to {MAX_TENSORS} outputs, got {count} - at `$.outputs`")


def decode_metadata(body: bytes, max_depth: int) -> JsonObject:
    """What a model says of itself. :raises BadMessage: when that is no JSON object."""
    value: Any = json_text.decode(body, max_depth)
    if not isinstance(value, dict):
        raise BadMessage(f"expected a JSON object, got {value!r:.100}")
    return value
