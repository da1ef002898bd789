"""Stubs as any client has them: made by grpcio-tools from our .proto, in protobuf's common pool."""

import functools
import importlib
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import numpy as np
from grpc_tools import protoc

from tests.serving import ROOT

PROTOS = ROOT / "src/infergraph/payloads/protos"


class Stubs(NamedTuple):
    """The modules that protoc writes: messages, services, TensorFlow's tensor, and TensorFlow Serving's both.

    Those of the v2 protocol are tritonclient's: each name can exist once in protobuf's common pool.
    """

    messages: Any
    services: Any
    tensor: Any
    serving: Any
    serving_services: Any


@functools.cache
def stubs() -> Stubs:
    """Compiled once in a test run."""
    with tempfile.TemporaryDirectory() as folder:
        names = ("prediction.proto", "tensor.proto", "error_codes.proto", "signature.proto", "serving.proto")
        assert compile_protos(f"--python_out={folder}", f"--grpc_python_out={folder}", *names) == 0
        sys.path.insert(0, folder)
        try:
            modules = ("prediction_pb2", "prediction_pb2_grpc", "tensor_pb2", "serving_pb2", "serving_pb2_grpc")
            return Stubs(*map(importlib.import_module, modules))
        finally:
            sys.path.remove(folder)


def compile_protos(*arguments: str) -> int:
    """What ``python -m grpc_tools.protoc`` does: its exit code."""
    included = Path(protoc.__file__).parent / "_proto"
    code: int = protoc.main(["protoc", f"-I{PROTOS}", f"-I{included}", *arguments])
    return code


def rows(*values: list[float]) -> Any:
    """A message with an ndarray."""
    message = stubs().messages.SeldonMessage()
    for row in values:
        message.data.ndarray.append(row)
    return message


def seldon(channel: grpc.Channel | grpc.aio.Channel) -> Any:
    """The service that a deployment is to its clients."""
    return stubs().services.SeldonStub(channel)


def prediction(channel: grpc.Channel | grpc.aio.Channel) -> Any:
    """TensorFlow Serving's service of predictions."""
    return stubs().serving_services.PredictionServiceStub(channel)


_NUMBERS = ["f4", "f8", "i4", "u1", "i2", "i1", "i8", "b1", "u2", "f2", "u4", "u8"]
_CODES = dict(zip((1, 2, 3, 4, 5, 6, 9, 10, 17, 19, 22, 23), _NUMBERS, strict=True))  # of DataType
_TYPES = {code: kind for kind, code in _CODES.items()}


def tensor_proto(array: Any) -> Any:
    """TensorFlow's tensor of an array, written as TensorFlow does: numbers packed, texts one by one."""
    made = np.asarray(array)
    kind = 7 if made.dtype.kind in "OSU" else _TYPES[made.dtype.str[1:]]
    tensor = stubs().tensor.TensorProto(dtype=kind)
    for size in made.shape:
        tensor.tensor_shape.dim.add(size=size)
    if kind == 7:
        tensor.string_val.extend([v.encode() if isinstance(v, str) else v for v in made.ravel().tolist()])
    else:
        tensor.tensor_content = made.tobytes()
    return tensor


def predict_request(model: str, inputs: Mapping[str, Any], outputs: Sequence[str] = ()) -> Any:
    """A PredictRequest of named arrays."""
    request = stubs().serving.PredictRequest(output_filter=outputs)
    request.model_spec.name = model
    for name, array in inputs.items():
        request.inputs[name].CopyFrom(tensor_proto(array))
    return request


def array_of(tensor: Any) -> Any:
    """The array of a TensorProto in an answer of ours: packed numbers, or texts."""
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    if tensor.dtype == 7:
        texts = np.empty(len(tensor.string_val), dtype=object)
        texts[:] = list(tensor.string_val)
        return texts.reshape(shape)
    return np.frombuffer(tensor.tensor_content, _CODES[tensor.dtype]).reshape(shape)
