"""The protobuf messages of every protocol, from the .proto files beside this one by way of messages.desc.

The classes live in a descriptor pool of their own. In protobuf's common pool each name can exist once in a process,
and a model that imports TensorFlow, or a component that imports seldon_core or tritonclient, brings these names too.
Only protobuf's public functions are used, so that any version from 4.22 on will do, older or newer than the compiler.
"""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

if not hasattr(message_factory, "GetMessageClass"):
    raise ImportError("protobuf 4.22 or later is needed, and an older one is installed")

PACKAGE = "seldon.protos"


def _pool() -> tuple[descriptor_pool.DescriptorPool, list[Any]]:
    """The pool, and the files in it."""
    pool = descriptor_pool.DescriptorPool()
    compiled = files(__name__).joinpath("messages.desc").read_bytes()
    files_in_order = descriptor_pb2.FileDescriptorSet.FromString(compiled).file  # each after those that it imports
    for file in files_in_order:
        pool.AddSerializedFile(file.SerializeToString())
    return pool, [pool.FindFileByName(file.name) for file in files_in_order]


def _classes(descriptors: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """The class of each message, and of those inside it, by full name."""
    for descriptor in descriptors:
        yield descriptor.full_name, message_factory.GetMessageClass(descriptor)
        yield from _classes(descriptor.nested_types)


POOL, _FILES = _pool()
# Protobuf's C code refers to classes without holding them: one that nobody holds can go, and the process with it.
_CLASSES = {name: one for file in _FILES for name, one in _classes(file.message_types_by_name.values())}

SeldonMessage = _CLASSES["seldon.protos.SeldonMessage"]
SeldonMessageList = _CLASSES["seldon.protos.SeldonMessageList"]
Tensor = _CLASSES["seldon.protos.Tensor"]
Status = _CLASSES["seldon.protos.Status"]
Feedback = _CLASSES["seldon.protos.Feedback"]
SeldonModelMetadataRequest = _CLASSES["seldon.protos.SeldonModelMetadataRequest"]
SeldonModelMetadata = _CLASSES["seldon.protos.SeldonModelMetadata"]
SeldonGraphMetadata = _CLASSES["seldon.protos.SeldonGraphMetadata"]
Metric = _CLASSES["seldon.protos.Metric"]
ListValue = _CLASSES["google.protobuf.ListValue"]
TensorProto = _CLASSES["tensorflow.TensorProto"]

ServerLiveResponse = _CLASSES["inference.ServerLiveResponse"]
ServerReadyResponse = _CLASSES["inference.ServerReadyResponse"]
ServerMetadataResponse = _CLASSES["inference.ServerMetadataResponse"]
ModelReadyRequest = _CLASSES["inference.ModelReadyRequest"]
ModelReadyResponse = _CLASSES["inference.ModelReadyResponse"]
ModelMetadataRequest = _CLASSES["inference.ModelMetadataRequest"]
ModelMetadataResponse = _CLASSES["inference.ModelMetadataResponse"]
ModelConfigRequest = _CLASSES["inference.ModelConfigRequest"]
ModelConfigResponse = _CLASSES["inference.ModelConfigResponse"]
ModelStatisticsRequest = _CLASSES["inference.ModelStatisticsRequest"]
ModelStatisticsResponse = _CLASSES["inference.ModelStatisticsResponse"]
RepositoryIndexRequest = _CLASSES["inference.RepositoryIndexRequest"]
RepositoryIndexResponse = _CLASSES["inference.RepositoryIndexResponse"]
ModelInferRequest = _CLASSES["inference.ModelInferRequest"]
ModelInferResponse = _CLASSES["inference.ModelInferResponse"]
ModelStreamInferResponse = _CLASSES["inference.ModelStreamInferResponse"]

PredictRequest = _CLASSES["tensorflow.serving.PredictRequest"]
PredictResponse = _CLASSES["tensorflow.serving.PredictResponse"]
GetModelMetadataRequest = _CLASSES["tensorflow.serving.GetModelMetadataRequest"]
GetModelMetadataResponse = _CLASSES["tensorflow.serving.GetModelMetadataResponse"]
GetModelStatusRequest = _CLASSES["tensorflow.serving.GetModelStatusRequest"]
GetModelStatusResponse = _CLASSES["tensorflow.serving.GetModelStatusResponse"]
SignatureDefMap = _CLASSES["tensorflow.serving.SignatureDefMap"]
