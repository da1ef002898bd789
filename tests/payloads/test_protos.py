"""The protobuf messages: what is compiled is what the .proto says, and it lives beside others of the same names."""

import gc
from pathlib import Path

import pytest
from google.protobuf import descriptor_pool

from infergraph.payloads import protos
from tests.stubs import PROTOS, compile_protos, stubs

FILES = ("prediction.proto", "inference.proto", "serving.proto")


def test_compiling_again_gives_the_same_file(tmp_path: Path) -> None:
    compiled = tmp_path / "messages.desc"
    assert compile_protos("--include_imports", f"--descriptor_set_out={compiled}", *FILES) == 0
    assert compiled.read_bytes() == (PROTOS / "messages.desc").read_bytes(), "run `make protos`"


def test_a_process_may_have_these_names_from_somebody_else_too() -> None:
    theirs = stubs().messages.SeldonMessage
    assert descriptor_pool.Default().FindMessageTypeByName("seldon.protos.SeldonMessage") is theirs.DESCRIPTOR
    assert protos.SeldonMessage.DESCRIPTOR.file.pool is not descriptor_pool.Default()
    assert protos.SeldonMessage.FromString(theirs(strData="x").SerializeToString()).strData == "x"


def test_every_class_stays_for_as_long_as_it_may_be_needed() -> None:
    gc.collect()
    body = stubs().messages.SeldonMessage(data={"tensor": {"shape": [1], "values": [2]}}).SerializeToString()
    for _ in range(3):
        inner = protos.SeldonMessage.FromString(body).data.tensor
        assert type(inner) is protos.Tensor
        gc.collect()


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("SeldonMessage", "status meta data binData strData jsonData customData"),
        ("DefaultData", "names tensor ndarray tftensor"),
        ("Tensor", "shape values"),
        ("Meta", "puid tags routing requestPath metrics"),
        ("Metric", "key type value tags"),
        ("SeldonMessageList", "seldonMessages"),
        ("Status", "code info reason status"),
        ("Feedback", "request response reward truth"),
        ("RequestResponse", "request response"),
        ("SeldonModelMetadataRequest", "name"),
        ("SeldonMessageMetadata", "messagetype schema name datatype shape"),
        ("SeldonModelMetadata", "name versions platform inputs outputs custom"),
        ("SeldonGraphMetadata", "name models inputs outputs"),
    ],
)
def test_the_fields_have_the_numbers_that_clients_know(message: str, fields: str) -> None:
    descriptor = protos.POOL.FindMessageTypeByName(f"seldon.protos.{message}")
    assert {field.name: field.number for field in descriptor.fields} == {
        name: number for number, name in enumerate(fields.split(), 1)
    }


@pytest.mark.parametrize(
    ("service", "methods"),
    [
        ("Generic", "TransformInput TransformOutput Route Aggregate SendFeedback"),
        ("Model", "Predict SendFeedback Metadata"),
        ("Router", "Route SendFeedback"),
        ("Transformer", "TransformInput"),
        ("OutputTransformer", "TransformOutput"),
        ("Combiner", "Aggregate"),
        ("Seldon", "Predict SendFeedback ModelMetadata GraphMetadata"),
    ],
)
def test_the_services_have_the_methods_that_clients_know(service: str, methods: str) -> None:
    descriptor = protos.POOL.FindServiceByName(f"seldon.protos.{service}")
    assert [method.name for method in descriptor.methods] == methods.split()


def test_tensors_have_tensorflows_numbers() -> None:
    fields = {field.name: field.number for field in protos.TensorProto.DESCRIPTOR.fields}
    assert fields["tensor_content"] == 4
    assert (fields["float_val"], fields["double_val"], fields["int_val"], fields["int64_val"]) == (5, 6, 7, 10)
    assert (fields["half_val"], fields["bool_val"], fields["uint32_val"], fields["uint64_val"]) == (13, 11, 16, 17)
