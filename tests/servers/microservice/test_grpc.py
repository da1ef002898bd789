"""One class served alone over gRPC, with the stubs that clients have."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from tests.servers.microservice.test_rest import KINDS, NDARRAY, PATH, RETURNED, UNIT
from tests.serving import microservice
from tests.stubs import stubs

FOLDER = Path(__file__).parent


def message(value: dict[str, Any]) -> Any:
    return json_format.ParseDict(value, stubs().messages.SeldonMessage())


def plain(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = json_format.MessageToDict(answer)
    return found


@contextmanager
def asked(component: str, **env: str) -> Iterator[grpc.Channel]:
    with (
        microservice(FOLDER, f"components:{component}", env=env) as served,
        grpc.insecure_channel(served.grpc) as channel,
    ):
        yield channel


@pytest.fixture(scope="module")
def identity() -> Iterator[grpc.Channel]:
    with asked("Identity", **UNIT) as channel:
        yield channel


@pytest.fixture(scope="module")
def returning() -> Iterator[grpc.Channel]:
    with asked("Returning") as channel:
        yield channel


def stub(channel: grpc.Channel, service: str) -> Any:
    return getattr(stubs().services, f"{service}Stub")(channel)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("service", "method"),
    [
        ("Model", "Predict"),
        ("Seldon", "Predict"),
        ("Transformer", "TransformInput"),
        ("OutputTransformer", "TransformOutput"),
        ("Generic", "TransformInput"),
        ("Generic", "TransformOutput"),
    ],
)
def test_every_kind_of_message_comes_back_as_it_went(
    identity: grpc.Channel, service: str, method: str, kind: str
) -> None:
    question = message(KINDS[kind])
    answer = getattr(stub(identity, service), method)(question, metadata=[("seldon", "another"), ("namespace", "x")])
    assert plain(answer)["meta"] == PATH
    answer.ClearField("meta")
    for one in (answer, question):
        one.data.ClearField("names")
    if kind == "tftensor":
        assert list(answer.data.tftensor.tensor_shape.dim)
    else:
        assert answer.WhichOneof("data_oneof") == question.WhichOneof("data_oneof")
        assert plain(answer) == {**plain(question)}


@pytest.mark.parametrize("returned", RETURNED)
def test_every_kind_of_result_has_its_place(returning: grpc.Channel, returned: str) -> None:
    code, expected = RETURNED[returned]
    answer = plain(stub(returning, "Model").Predict(message({"strData": code})))
    data = answer.get("data", answer)
    assert {key: value for key, value in data.items() if key not in ("names", "meta")} == expected


def test_custom_data(identity: grpc.Channel) -> None:
    question = stubs().messages.SeldonMessage()
    question.customData.Pack(struct_pb2.Value(string_value="mine"))
    answer = stub(identity, "Model").Predict(question)
    assert answer.customData == question.customData


def test_router_and_feedback() -> None:
    with asked("Router", **UNIT) as channel:
        for service in ("Router", "Generic"):
            answer = stub(channel, service).Route(message(NDARRAY))
            assert plain(answer)["data"] == {"names": ["t:0"], "ndarray": [[1.0]]}
        feedback = stubs().messages.Feedback(request=message(NDARRAY), reward=0.5)
        feedback.response.meta.routing["classifier"] = 4
        for service in ("Router", "Generic", "Model", "Seldon"):
            answer = stub(channel, service).SendFeedback(feedback)
            assert plain(answer)["data"]["ndarray"] == [[0.5, 4.0]]


def test_combiner() -> None:
    with asked("Combiner") as channel:
        question = stubs().messages.SeldonMessageList(seldonMessages=[message(NDARRAY), message({"strData": "x"})])
        for service in ("Combiner", "Generic"):
            assert plain(stub(channel, service).Aggregate(question))["data"]["ndarray"] == [[1.0, 2.0]]
        with pytest.raises(grpc.RpcError) as caught:
            stub(channel, "Combiner").Aggregate(stubs().messages.SeldonMessageList())
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_raw_methods_get_protobuf() -> None:
    with asked("Raw") as channel:
        assert stub(channel, "Model").Predict(message({"strData": "x"})).strData == "raw x"
        question = stubs().messages.SeldonMessageList(seldonMessages=[message(NDARRAY)] * 3)
        assert stub(channel, "Combiner").Aggregate(question).strData == "3"
        assert plain(stub(channel, "Router").Route(message(NDARRAY)))["data"]["ndarray"] == [[3.0]]
        feedback = stubs().messages.Feedback(request=message(NDARRAY), reward=0.5)
        assert stub(channel, "Model").SendFeedback(feedback).strData == "got 0.5 [[1.0, 2.0]]"


def test_a_raw_method_that_is_not_implemented_leaves_it_to_the_other() -> None:
    with asked("HalfRaw") as channel:
        assert plain(stub(channel, "Model").Predict(message(NDARRAY)))["data"]["ndarray"] == [[1.0]]


def test_the_old_forms_by_transport() -> None:
    with microservice(FOLDER, "components:Old") as served, grpc.insecure_channel(served.grpc) as channel:
        assert served.request("POST", "/predict", NDARRAY).json["strData"] == "rest"
        assert stub(channel, "Model").Predict(message(NDARRAY)).strData == "grpc"


def test_errors_have_a_code() -> None:
    with asked("Raising") as channel:
        expected = {
            "value": (grpc.StatusCode.INTERNAL, "bad value"),
            "own": (grpc.StatusCode.INVALID_ARGUMENT, "pay first"),
        }
        for text, (code, details) in expected.items():
            with pytest.raises(grpc.RpcError) as caught:
                stub(channel, "Model").Predict(message({"strData": text}))
            assert caught.value.code() is code
            assert caught.value.details() == details
        with pytest.raises(grpc.RpcError) as caught:
            stub(channel, "Model").Predict(stubs().messages.SeldonMessage())
        assert str(caught.value.details()).startswith("Unknown data in SeldonMessage")


def test_metadata() -> None:
    with asked("Described") as channel:
        for found in (
            stub(channel, "Model").Metadata(empty_pb2.Empty()),
            stub(channel, "Seldon").ModelMetadata(stubs().messages.SeldonModelMetadataRequest(name="any")),
        ):
            assert (found.name, list(found.versions), found.custom["author"]) == ("described", ["v2"], "me")
            assert found.inputs[0].schema == struct_pb2.Value(
                struct_value=json_format.ParseDict({"names": ["a"], "shape": [1, 5]}, struct_pb2.Struct())
            )
        with pytest.raises(grpc.RpcError) as caught:
            stub(channel, "Seldon").GraphMetadata(empty_pb2.Empty())
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_health_and_reflection(identity: grpc.Channel) -> None:
    health: Any = health_pb2_grpc.HealthStub(identity)
    answer = health.Check(health_pb2.HealthCheckRequest(service="seldon.protos.Model"))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    names = set(ProtoReflectionDescriptorDatabase(identity).get_services())
    seven = ("Generic", "Model", "Router", "Transformer", "OutputTransformer", "Combiner", "Seldon")
    assert {f"seldon.protos.{name}" for name in seven} <= names
    assert "inference.GRPCInferenceService" not in names


def test_the_annotations_limit_messages(tmp_path: Path) -> None:
    annotations = tmp_path / "annotations"
    annotations.write_text('broken\nwith="a=b=c"\nseldon.io/grpc-max-message-size="100"\nseldon.io/rest-timeout="50"\n')
    env = {"INFERGRAPH_POD_ANNOTATIONS": str(annotations)}
    with microservice(FOLDER, "components:Asleep", env=env) as served, grpc.insecure_channel(served.grpc) as channel:
        with pytest.raises(grpc.RpcError) as caught:
            stub(channel, "Model").Predict(message({"strData": "x" * 200}))
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        answer = served.request("POST", "/predict", {"strData": "x"})
        assert answer.status == 504
        assert answer.json["status"]["reason"] == "DEADLINE_EXCEEDED"
        assert any(event["event"] == "annotation_not_read" for event in served.events)
