"""The messages: an array in the form that an interface wants, and the array in its answer."""

import json
import struct
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from infergraph.payloads.protos import SeldonMessage

Array = NDArray[Any]
JSON = {"Content-Type": "application/json"}
BYTES = {"Content-Type": "application/octet-stream"}
V2_LENGTH = "Inference-Header-Content-Length"


class Request(NamedTuple):
    """What is sent."""

    body: bytes
    headers: Mapping[str, str] = JSON


class Answer(NamedTuple):
    """What came; the names of the headers in small letters."""

    body: bytes
    headers: Mapping[str, str]


class Form(NamedTuple):
    """A form of message: how a request is made, and how an answer is read."""

    write: Callable[[Array], Request]
    read: Callable[[Answer], Array]


def _json_form(write: Callable[[Array], Any], read: Callable[[Any], Any]) -> Form:
    return Form(
        lambda array: Request(json.dumps(write(array), separators=(",", ":")).encode()),
        lambda answer: np.array(read(json.loads(answer.body))),
    )


def _v2_datatype(array: Array) -> str:
    return {"float64": "FP64", "float32": "FP32"}[array.dtype.name]


def _v2_input(array: Array, **fields: Any) -> dict[str, Any]:
    return {"name": "x", "shape": list(array.shape), "datatype": _v2_datatype(array), **fields}


def _v2_json_form(**fields: Any) -> Form:
    """The inference protocol in JSON, with more fields of the request."""

    def write(array: Array) -> Any:
        return {"inputs": [_v2_input(array, data=array.ravel().tolist())], **fields}

    def read(answer: Any) -> Any:
        return np.reshape(answer["outputs"][0]["data"], answer["outputs"][0]["shape"])

    return _json_form(write, read)


def _write_v2_binary(array: Array) -> Request:
    tensor = _v2_input(array, parameters={"binary_data_size": array.nbytes})
    head = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    return Request(head + array.tobytes(), {**BYTES, V2_LENGTH: str(len(head))})


def _read_v2_binary(answer: Answer) -> Array:
    length = int(answer.headers[V2_LENGTH.lower()])
    shape = json.loads(answer.body[:length])["outputs"][0]["shape"]
    return np.frombuffer(answer.body[length:], dtype="<f4").reshape(shape)


def _write_seldon_proto(array: Array) -> Request:
    message = SeldonMessage()
    message.data.tensor.shape.extend(array.shape)
    message.data.tensor.values.extend(array.ravel().tolist())
    return Request(message.SerializeToString())


def _read_seldon_proto(answer: Answer) -> Array:
    tensor = SeldonMessage.FromString(answer.body).data.tensor
    return np.array(tensor.values).reshape(tuple(tensor.shape))


def _write_tftensor(array: Array) -> Request:
    message = SeldonMessage()
    tensor = message.data.tftensor
    tensor.dtype = {"float32": 1, "float64": 2}[array.dtype.name]
    for size in array.shape:
        tensor.tensor_shape.dim.add(size=size)
    tensor.tensor_content = array.tobytes()
    return Request(message.SerializeToString())


def _read_tftensor(answer: Answer) -> Array:
    tensor = SeldonMessage.FromString(answer.body).data.tftensor
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    return np.frombuffer(tensor.tensor_content, dtype="<f4" if tensor.dtype == 1 else "<f8").reshape(shape)


def _v2_messages() -> Any:
    from tritonclient.grpc import service_pb2

    return service_pb2


def _write_v2_proto(model: str, *, output: str | None = None) -> Callable[[Array], Request]:
    def write(array: Array) -> Request:
        message = _v2_messages().ModelInferRequest(model_name=model)
        message.inputs.add(name="x", shape=array.shape, datatype=_v2_datatype(array))
        message.raw_input_contents.append(array.tobytes())
        if output:
            message.outputs.add(name=output)
        return Request(message.SerializeToString())

    return write


def _read_v2_proto(answer: Answer) -> Array:
    message = _v2_messages().ModelInferResponse.FromString(answer.body)
    output = message.outputs[0]
    if message.raw_output_contents:
        kind = {"FP32": "<f4", "FP64": "<f8"}[output.datatype]
        return np.frombuffer(message.raw_output_contents[0], dtype=kind).reshape(tuple(output.shape))
    contents = output.contents
    return np.array(contents.fp64_contents or contents.fp32_contents).reshape(tuple(output.shape))


def _raw(array: Array) -> Request:
    return Request(array.astype("<f4").tobytes(), BYTES)


SELDON = _json_form(lambda array: {"data": {"ndarray": array.tolist()}}, lambda answer: answer["data"]["ndarray"])
SELDON_TENSOR = _json_form(
    lambda array: {"data": {"tensor": {"shape": list(array.shape), "values": array.ravel().tolist()}}},
    lambda answer: np.reshape(answer["data"]["tensor"]["values"], answer["data"]["tensor"]["shape"]),
)
SELDON_GRPC = Form(_write_seldon_proto, _read_seldon_proto)
SELDON_GRPC_TFTENSOR = Form(_write_tftensor, _read_tftensor)
V2 = _v2_json_form()
V2_PROBABILITIES = _v2_json_form(outputs=[{"name": "predict_proba"}])  # MLServer's runtime answers classes otherwise
V2_BINARY = Form(_write_v2_binary, _read_v2_binary)
V2_GRPC = Form(_write_v2_proto("iris"), _read_v2_proto)
V2_GRPC_PROBABILITIES = Form(_write_v2_proto("iris", output="predict_proba"), _read_v2_proto)
V2_GRPC_IDENTITY = Form(_write_v2_proto("identity"), _read_v2_proto)
INSTANCES = _json_form(lambda array: {"instances": array.tolist()}, lambda answer: answer["predictions"])
INPUTS = _json_form(lambda array: {"inputs": array.tolist()}, lambda answer: answer["predictions"])
ROWS = _json_form(lambda array: {"rows": array.tolist()}, lambda answer: answer)
RAW = Form(_raw, lambda answer: np.frombuffer(answer.body, dtype="<f4").reshape(1, -1))


def framed(message: bytes) -> bytes:
    """A message as gRPC sends it: not compressed, its length, itself."""
    return struct.pack(">BI", 0, len(message)) + message
