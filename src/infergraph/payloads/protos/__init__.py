"""The protobuf messages of the seldon protocol (SELDON_V1 §4.1), from prediction.proto by way of prediction.desc.

The classes live in a descriptor pool of their own. In protobuf's common pool each name can exist once in a process,
and a model that imports TensorFlow, or a component that imports seldon_core, brings these names too.
Only protobuf's public functions are used, so that any version from 4.22 on will do, older or newer than the compiler.
"""

from importlib.resources import files
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "seldon.protos"


def _pool() -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    compiled = files(__name__).joinpath("prediction.desc").read_bytes()
    for file in descriptor_pb2.FileDescriptorSet.FromString(compiled).file:  # each after those that it imports
        pool.AddSerializedFile(file.SerializeToString())
    return pool


def _class(name: str) -> Any:
    return message_factory.GetMessageClass(POOL.FindMessageTypeByName(name))


POOL = _pool()

SeldonMessage = _class("seldon.protos.SeldonMessage")
Tensor = _class("seldon.protos.Tensor")
Status = _class("seldon.protos.Status")
Feedback = _class("seldon.protos.Feedback")
SeldonModelMetadataRequest = _class("seldon.protos.SeldonModelMetadataRequest")
SeldonModelMetadata = _class("seldon.protos.SeldonModelMetadata")
SeldonGraphMetadata = _class("seldon.protos.SeldonGraphMetadata")
Metric = _class("seldon.protos.Metric")
ListValue = _class("google.protobuf.ListValue")
TensorProto = _class("tensorflow.TensorProto")
