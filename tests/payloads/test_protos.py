"""The protobuf messages: what is compiled is what the .proto says, and it lives beside others of the same names."""

import gc
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pool
from tritonclient.grpc import model_config_pb2, service_pb2

from infergraph.payloads import protos
from tests.stubs import PROTOS, compile_protos, stubs

FILES = ("prediction.proto", "inference.proto", "serving.proto")


def test_compiling_again_gives_the_same_file(tmp_path: Path) -> None:
    compiled = tmp_path / "messages.desc"
    assert compile_protos("--include_imports", f"--descriptor_set_out={compiled}", *FILES) == 0
    assert compiled.read_bytes() == (PROTOS / "messages.desc").read_bytes(), "run `make protos`"


def test_a_process_may_have_these_names_from_somebody_else_too() -> None:
    theirs = stubs().messages.SeldonMessage
    assert protos.ModelInferRequest.DESCRIPTOR.full_name == service_pb2.ModelInferRequest.DESCRIPTOR.full_name
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


V2 = "ServerLiveResponse ServerReadyResponse ServerMetadataResponse ModelReadyRequest ModelReadyResponse \
ModelMetadataRequest ModelMetadataResponse ModelInferRequest ModelInferResponse ModelStreamInferResponse \
InferParameter InferTensorContents ModelConfig ModelInput ModelOutput ModelVersionPolicy ModelTransactionPolicy \
ModelConfigRequest ModelConfigResponse ModelStatistics InferStatistics StatisticDuration InferBatchStatistics \
ModelStatisticsRequest ModelStatisticsResponse RepositoryIndexRequest RepositoryIndexResponse"


def shape(descriptor: Any) -> dict[str, Any]:
    """The fields of a message, and those of the messages inside it, as its wire format has them."""
    fields: dict[str, Any] = {
        field.name: (
            field.number,
            field.type,
            field.is_repeated,
            field.message_type and field.message_type.full_name,
            field.containing_oneof and field.containing_oneof.name,
        )
        for field in descriptor.fields
    }
    return fields | {nested.name: shape(nested) for nested in descriptor.nested_types}


def is_part(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether everything of ours is the same with them; they may have more."""
    return all(
        is_part(value, theirs.get(name, {})) if isinstance(value, dict) else theirs.get(name) == value
        for name, value in ours.items()
    )


@pytest.mark.parametrize("message", V2.split())
def test_the_v2_protocol_has_the_fields_that_triton_has(message: str) -> None:
    ours = protos.POOL.FindMessageTypeByName(f"inference.{message}")
    theirs = getattr(service_pb2, message, None) or getattr(model_config_pb2, message)
    assert ours.fields
    assert is_part(shape(ours), shape(theirs.DESCRIPTOR))


def test_the_v2_protocol_has_tritons_methods_and_types() -> None:
    def methods(service: Any) -> dict[str, Any]:
        return {
            one.name: (one.input_type.full_name, one.output_type.full_name, one.client_streaming, one.server_streaming)
            for one in service.methods
        }

    name = "GRPCInferenceService"
    theirs = methods(service_pb2.DESCRIPTOR.services_by_name[name])
    assert methods(protos.POOL.FindServiceByName(f"inference.{name}")).items() <= theirs.items()
    types = protos.POOL.FindEnumTypeByName("inference.DataType")
    assert [(one.name, one.number) for one in types.values] == model_config_pb2.DataType.items()


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("serving.ModelSpec", {"name": 1, "version": 2, "signature_name": 3, "version_label": 4}),
        ("serving.PredictRequest", {"model_spec": 1, "inputs": 2, "output_filter": 3}),
        ("serving.PredictResponse", {"outputs": 1, "model_spec": 2}),
        ("serving.GetModelMetadataRequest", {"model_spec": 1, "metadata_field": 2}),
        ("serving.GetModelMetadataResponse", {"model_spec": 1, "metadata": 2}),
        ("serving.SignatureDefMap", {"signature_def": 1}),
        ("serving.GetModelStatusRequest", {"model_spec": 1}),
        ("serving.GetModelStatusResponse", {"model_version_status": 1}),
        ("serving.ModelVersionStatus", {"version": 1, "state": 2, "status": 3}),
        ("serving.StatusProto", {"error_code": 1, "error_message": 2}),
        ("SignatureDef", {"inputs": 1, "outputs": 2, "method_name": 3}),
        ("TensorInfo", {"name": 1, "dtype": 2, "tensor_shape": 3}),
    ],
)
def test_tensorflow_serving_has_the_numbers_that_its_clients_know(message: str, fields: dict[str, int]) -> None:
    descriptor = protos.POOL.FindMessageTypeByName(f"tensorflow.{message}")
    assert {field.name: field.number for field in descriptor.fields} == fields


def test_states_of_a_model_have_tensorflows_numbers() -> None:
    states = protos.POOL.FindEnumTypeByName("tensorflow.serving.ModelVersionStatus.State").values
    assert {state.name: state.number for state in states} == {
        "UNKNOWN": 0,
        "START": 10,
        "LOADING": 20,
        "AVAILABLE": 30,
        "UNLOADING": 40,
        "END": 50,
    }


def test_tensors_have_tensorflows_numbers() -> None:
    fields = {field.name: field.number for field in protos.TensorProto.DESCRIPTOR.fields}
    assert fields["tensor_content"] == 4
    assert (fields["float_val"], fields["double_val"], fields["int_val"], fields["int64_val"]) == (5, 6, 7, 10)
    assert (fields["half_val"], fields["bool_val"], fields["uint32_val"], fields["uint64_val"]) == (13, 11, 16, 17)
