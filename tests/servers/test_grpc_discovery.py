"""Health and reflection, asked by the clients that grpcio brings."""

from typing import Any

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from tests.servers.grpc_serving import grpc_serving
from tests.stubs import rows

pytestmark = pytest.mark.usefixtures("each_grpc_server")

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING

SERVICES = [
    "seldon.protos.Seldon",
    "seldon.protos.Model",
    "inference.GRPCInferenceService",
    "tensorflow.serving.PredictionService",
    "tensorflow.serving.ModelService",
]


def health(channel: grpc.Channel, service: str = "") -> Any:
    request = health_pb2.HealthCheckRequest(service=service)
    stub: Any = health_pb2_grpc.HealthStub(channel)
    return stub.Check(request, timeout=20).status


@pytest.mark.parametrize("service", ["", *SERVICES])
def test_health_follows_readiness(service: str) -> None:
    with grpc_serving(is_ready=False) as (_, channel):
        assert health(channel, service) == NOT_SERVING
    with grpc_serving() as (_, channel):
        assert health(channel, service) == SERVING


def test_the_health_of_what_is_not_there() -> None:
    with grpc_serving() as (_, channel), pytest.raises(grpc.RpcError) as raised:
        health(channel, "no.such.Service")
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND


def test_who_watches_sees_the_end_and_does_not_hold_it_up() -> None:
    with grpc_serving() as (running, channel):
        stub: Any = health_pb2_grpc.HealthStub(channel)
        watched = stub.Watch(health_pb2.HealthCheckRequest(), timeout=20)
        assert next(watched).status == SERVING
        running.drain()
        assert next(watched).status == NOT_SERVING
        running.join()


def test_a_client_that_knows_nothing_finds_everything() -> None:
    with grpc_serving() as (_, channel):
        database = ProtoReflectionDescriptorDatabase(channel)
        assert {*SERVICES, "grpc.health.v1.Health"} <= set(database.get_services())
        service = DescriptorPool(database).FindServiceByName("inference.GRPCInferenceService")
        infer = service.FindMethodByName("ModelStreamInfer")
        assert (infer.input_type.name, infer.server_streaming) == ("ModelInferRequest", True)
        method = DescriptorPool(database).FindServiceByName("seldon.protos.Seldon").FindMethodByName("Predict")
        question, answer = (message_factory.GetMessageClass(kind) for kind in (method.input_type, method.output_type))
        predict = channel.unary_unary(
            f"/{method.containing_service.full_name}/{method.name}",
            request_serializer=question.SerializeToString,
            response_deserializer=answer.FromString,
        )
        asked = question.FromString(rows([1, 2]).SerializeToString())
        answered: Any = predict(asked)
        assert answered.data.ndarray[0][1] == 2


def test_version_1_of_reflection_answers_as_1alpha() -> None:
    asked = [reflection_pb2.ServerReflectionRequest(list_services="")]
    answers = []
    with grpc_serving() as (_, channel):
        for version in ("v1", "v1alpha"):
            call = channel.stream_stream(
                f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
                request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
                response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
            )
            answers += list(call(iter(asked), timeout=20))
    assert answers[0] == answers[1]
