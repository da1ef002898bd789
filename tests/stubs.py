"""Stubs as any client has them: made by grpcio-tools from our .proto, in protobuf's common pool."""

import functools
import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import grpc
from grpc_tools import protoc

from tests.serving import ROOT

PROTOS = ROOT / "src/infergraph/payloads/protos"


class Stubs(NamedTuple):
    """The modules that protoc writes: messages, services, and TensorFlow's tensor."""

    messages: Any
    services: Any
    tensor: Any


@functools.cache
def stubs() -> Stubs:
    """Compiled once in a test run."""
    with tempfile.TemporaryDirectory() as folder:
        names = ("prediction.proto", "tensor.proto")
        assert compile_protos(f"--python_out={folder}", f"--grpc_python_out={folder}", *names) == 0
        sys.path.insert(0, folder)
        try:
            modules = ("prediction_pb2", "prediction_pb2_grpc", "tensor_pb2")
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
