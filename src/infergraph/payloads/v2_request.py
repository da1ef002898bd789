"""The inference request of the v2 protocol: JSON, and after it the tensors that are sent as bytes."""

from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET

from infergraph.errors import BadMessage
from infergraph.payloads import json_text, v2_meta
from infergraph.payloads.datatypes import BYTES, check_datatype
from infergraph.payloads.payload import Array, Encoding, JsonObject, Payload
from infergraph.payloads.v2_binary import from_binary
from infergraph.payloads.v2_json import from_json

MAX_TENSORS = 1000
MAX_ID_CHARACTERS = 1024
LENGTH_HEADER = "Inference-Header-Content-Length"


class RequestInput(msgspec.Struct):
    """One tensor: its values in ``data``, or after the JSON, ``parameters.binary_data_size`` bytes of them."""

    name: str
    shape: list[int]
    datatype: str
    parameters: JsonObject | None = None
    data: Any = UNSET


class RequestOutput(msgspec.Struct):
    """One output that the caller wants."""

    name: str
    parameters: JsonObject | None = None


class InferRequest(msgspec.Struct):
    """The request as its JSON says; unknown members are ignored."""

    inputs: list[RequestInput]
    id: str | None = None
    parameters: JsonObject | None = None
    outputs: list[RequestOutput] | None = None


class Wanted(msgspec.Struct, frozen=True):
    """How the answer is to be: its id, the outputs by name with their parameters (None is all), bytes or JSON.

    ``has_meta`` says that it is to carry what is beside the arrays (`v2_meta`).
    """

    id: str | None = None
    outputs: dict[str, JsonObject] | None = None
    is_binary: bool = False
    has_meta: bool = False


_decoder = msgspec.json.Decoder(InferRequest)


def decode_request(body: bytes, header_length: int | None, max_depth: int) -> tuple[Payload, Wanted]:
    """The payload of an inference request, and the answer that it wants.

    ``header_length`` is how many bytes of the body are JSON, None for all of them. Tensors that are sent as bytes
    become views on the body.

    :raises BadMessage: when the body is not such a request, in a sentence that says where.
    """
    text = body if header_length is None else body[:header_length]
    request = _parsed(text, max_depth)
    binary = memoryview(body)[len(text) :]
    tensors: dict[str, Array] = {}
    for index, given in enumerate(request.inputs):
        path = f"$.inputs[{index}]"
        if given.name in tensors:
            raise BadMessage(f"There are two inputs named {given.name!r:.60} - at `{path}.name`")
        tensors[given.name], binary = tensor_of(given, binary, path)
    if len(binary):
        raise BadMessage(f"{len(binary)} bytes follow the last tensor; do all binary_data_size together fit the body?")
    return payload_of_tensors(tensors, Encoding.V2), _wanted(request)


def payload_of_tensors(tensors: dict[str, Array], encoding: Encoding) -> Payload:
    """The payload of named tensors: an array in this encoding when there is one, named when it is one column."""
    if len(tensors) > 1:
        return Payload(tensors, Encoding.TENSORS)
    ((name, array),) = tensors.items()
    is_column = array.ndim == 2 and array.shape[1] == 1
    return Payload(array, encoding, [name] if is_column and name else [], tensor=name)


def _parsed(text: bytes, max_depth: int) -> InferRequest:
    request = json_text.decode_as(_decoder, text, max_depth, "an inference request")
    _check(request, max_depth)
    return request


def _check(request: InferRequest, max_depth: int) -> None:
    """What types do not say. Data need no look at their depth: an array has few dimensions."""
    check_counts(len(request.inputs), len(request.outputs or ()), request.id or "")
    given = [request.parameters, *(one.parameters for one in [*request.inputs, *(request.outputs or ())])]
    if any(given):
        json_text.check_depth(given, max_depth)


def check_counts(inputs: int, outputs: int, request_id: str) -> None:
    """Refuse a request with more than is read here. :raises BadMessage: then."""
    if not 1 <= inputs <= MAX_TENSORS:
        raise BadMessage(f"Expected 1 to {MAX_TENSORS} inputs, got {inputs} - at `$.inputs`")
    if outputs > MAX_TENSORS:
        raise BadMessage(f"Expected at most {MAX_TENSORS} outputs, got {outputs} - at `$.outputs`")
    if len(request_id) > MAX_ID_CHARACTERS:
        raise BadMessage(f"An id has at most {MAX_ID_CHARACTERS} characters, got {len(request_id)} - at `$.id`")


def tensor_of(given: RequestInput, binary: memoryview, path: str) -> tuple[Array, memoryview]:
    """The array of a tensor, and the bytes that are left for those after it. :raises BadMessage: when it is none."""
    check_datatype(given.datatype, path)
    parameters = given.parameters or {}
    if "binary_data_size" not in parameters:
        if given.data is UNSET:
            raise BadMessage(f"Expected `data` or `parameters.binary_data_size`, got neither - at `{path}`")
        array = from_json(given.datatype, given.shape, given.data, path)
        return read_as(given.datatype, parameters, array, path), binary
    if given.data is not UNSET:
        raise BadMessage(f"Expected `data` or `parameters.binary_data_size`, got both - at `{path}`")
    size = parameters["binary_data_size"]
    if type(size) is not int or not 0 <= size <= len(binary):
        raise BadMessage(
            f"Expected a size from 0 to the {len(binary)} bytes that are left after the JSON, got {size!r:.40} "
            f"- at `{path}.parameters.binary_data_size`. The header {LENGTH_HEADER} says where the JSON ends."
        )
    size_at = f"{path}.parameters.binary_data_size"
    array = from_binary(given.datatype, given.shape, binary[:size], path, size_at=size_at)
    return read_as(given.datatype, parameters, array, path), binary[size:]


def read_as(datatype: str, parameters: JsonObject, array: Array, path: str) -> Array:
    """The array as its content_type wants it read: of all that there are, only ``str`` is heeded.

    :raises BadMessage: when that cannot be.
    """
    if datatype != BYTES or parameters.get("content_type") != "str":
        return array
    texts = np.empty(array.size, dtype=object)
    try:
        texts[:] = [value.decode() if isinstance(value, bytes) else value for value in array.ravel()]
    except UnicodeDecodeError as error:
        raise BadMessage(f"content_type is str, and an element is no UTF-8 ({error.reason}) - at `{path}`") from None
    return texts.reshape(array.shape)


def _wanted(request: InferRequest) -> Wanted:
    parameters = request.parameters or {}
    is_binary = _flag(parameters, "binary_data_output", "$.parameters")
    has_meta = _flag(parameters, v2_meta.PARAMETER, "$.parameters")
    outputs = requested((one.name, one.parameters or {}) for one in request.outputs or ())
    return Wanted(request.id, outputs, is_binary, has_meta)


def requested(outputs: Iterable[tuple[str, JsonObject]]) -> dict[str, JsonObject] | None:
    """The outputs that are asked for, by name; None when all are.

    :raises BadMessage: when one is asked for twice, or in a form that there is none of here.
    """
    by_name: dict[str, JsonObject] = {}
    for index, (name, parameters) in enumerate(outputs):
        path = f"$.outputs[{index}]"
        if name in by_name:
            raise BadMessage(f"Output {name!r:.60} is asked for twice - at `{path}`")
        by_name[name] = _output_parameters(parameters, f"{path}.parameters")
    return by_name or None


def _output_parameters(parameters: JsonObject, path: str) -> JsonObject:
    _flag(parameters, "binary_data", path)
    for name in ("classification", "shared_memory_region"):
        if name in parameters:
            raise BadMessage(f"Outputs come as binary data or JSON here; {name} is not offered - at `{path}`")
    return parameters


def _flag(parameters: JsonObject, name: str, path: str) -> bool:
    value = parameters.get(name, False)
    if type(value) is not bool:
        raise BadMessage(f"Expected true or false, got {value!r:.40} - at `{path}.{name}`")
    return value
