"""The inference request of the v2 protocol in protobuf: tensors as raw bytes, or as typed values."""

from typing import Any

import msgspec
import numpy as np

from infergraph.errors import BadMessage
from infergraph.payloads.datatypes import BYTES, DTYPES, check_datatype
from infergraph.payloads.infer_parameters import parameters_in
from infergraph.payloads.payload import Array, Encoding, Payload
from infergraph.payloads.proto_message import parse_cut
from infergraph.payloads.protos import ModelInferRequest
from infergraph.payloads.protos.wire import Contents, Paths
from infergraph.payloads.v2_binary import from_binary
from infergraph.payloads.v2_json import value_count
from infergraph.payloads.v2_request import Wanted, check_counts, payload_of_tensors, read_as, requested

CONTENTS = {
    "BOOL": "bool_contents",
    **dict.fromkeys(("INT8", "INT16", "INT32"), "int_contents"),
    **dict.fromkeys(("UINT8", "UINT16", "UINT32"), "uint_contents"),
    "INT64": "int64_contents",
    "UINT64": "uint64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
    BYTES: "bytes_contents",
}
"""Datatype to the field of its values; those that are not here travel as raw bytes only."""

_CUT: Paths = {ModelInferRequest.DESCRIPTOR.fields_by_name["raw_input_contents"].number: None}
_SHARED_MEMORY = "shared_memory_region"


class InferQuestion(msgspec.Struct, frozen=True):
    """An inference request: for which model, with what, and how the answer is to be."""

    model: str
    version: str
    payload: Payload
    wanted: Wanted


def decode_request(body: bytes) -> InferQuestion:
    """The inference request that a ModelInferRequest is.

    Tensors in ``raw_input_contents`` become read-only views, of a large message on the body itself; the answer to them
    is raw too.

    :raises BadMessage: when the bytes are no such request, in a sentence that says where.
    """
    request, contents = parse_cut(ModelInferRequest, body, _CUT)
    check_counts(len(request.inputs), len(request.outputs), request.id)
    raw = request.raw_input_contents
    if raw and len(raw) != len(request.inputs):
        raise BadMessage(
            f"Expected raw_input_contents of all inputs or of none, got {len(raw)} for {len(request.inputs)} inputs"
        )
    tensors: dict[str, Array] = {}
    for index, given in enumerate(request.inputs):
        path = f"$.inputs[{index}]"
        if given.name in tensors:
            raise BadMessage(f"There are two inputs named {given.name!r:.60} - at `{path}.name`")
        tensors[given.name] = tensor_of(given, raw[index] if raw else None, contents, path)
    outputs = requested((one.name, parameters_in(one.parameters)) for one in request.outputs)
    wanted = Wanted(request.id or None, outputs, bool(raw))
    return InferQuestion(request.model_name, request.model_version, payload_of_tensors(tensors, Encoding.V2), wanted)


def tensor_of(given: Any, raw: bytes | None, contents: Contents, path: str) -> Array:
    """The array of a tensor, from its raw content when there is one. :raises BadMessage: when it is none."""
    check_datatype(given.datatype, path)
    parameters = parameters_in(given.parameters)
    if _SHARED_MEMORY in parameters:
        raise BadMessage(f"Tensors come in the message here; {_SHARED_MEMORY} is not offered - at `{path}.parameters`")
    shape = list(given.shape)
    if raw is None:
        array = _typed(given, shape, path)
    elif given.HasField("contents") and given.contents.ListFields():
        raise BadMessage(f"Expected contents or raw_input_contents, got both - at `{path}`")
    else:
        array = from_binary(given.datatype, shape, contents.of(raw), path)
    return read_as(given.datatype, parameters, array, path) if parameters else array


def _typed(given: Any, shape: list[int], path: str) -> Array:
    """The array of the values in ``contents``."""
    datatype = given.datatype
    name = CONTENTS.get(datatype)
    if name is None:
        raise BadMessage(f"Values of {datatype} travel in raw_input_contents only, and there are none - at `{path}`")
    filled = [field.name for field, _ in given.contents.ListFields()]
    if filled not in ([], [name]):
        raise BadMessage(f"Values of {datatype} stand in {name}, got {', '.join(filled)} - at `{path}.contents`")
    values, count = getattr(given.contents, name), value_count(shape, path)
    if len(values) != count:
        raise BadMessage(f"Shape {shape} holds {count} values, got {len(values)} - at `{path}.contents.{name}`")
    return _array(datatype, values, path).reshape(shape)


def _array(datatype: str, values: Any, path: str) -> Array:
    dtype = DTYPES[datatype]
    if dtype.kind == "O":
        array = np.empty(len(values), dtype=object)
        array[:] = list(values)
        return array
    if dtype.kind not in "iu" or dtype.itemsize == 8:
        return np.array(values, dtype=dtype)
    wide = np.array(values, dtype=np.int64)
    limits = np.iinfo(dtype)
    if wide.size and (wide.min() < limits.min or wide.max() > limits.max):
        odd = int(np.argmax((wide < limits.min) | (wide > limits.max)))
        raise BadMessage(f"Expected a value of {datatype}, got {wide[odd]} - at `{path}.contents`, position {odd}")
    return wide.astype(dtype)
