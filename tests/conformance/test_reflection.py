"""What grpcurl does: list, describe and call, knowing nothing but the address and the published reflection protocol.

The messages of reflection itself are those of grpcio's client; everything else is made from what the server says.
"""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from google.protobuf import descriptor_pb2, json_format, message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

from tests.conformance.served import iris_and_echo
from tests.serving import Process

ROWS = [[5.1, 3.5, 1.4, 0.2], [6.0, 3.0, 5.0, 2.0]]
IRIS = (("seldon", "iris"),)
SERVICES = {
    "grpc.health.v1.Health",
    "inference.GRPCInferenceService",
    "seldon.protos.Seldon",
    "tensorflow.serving.ModelService",
    "tensorflow.serving.PredictionService",
}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory, iris_model: Path) -> Iterator[Process]:
    with iris_and_echo(tmp_path_factory.mktemp("reflection"), iris_model) as process:
        yield process


class Stranger:
    """A client that learns everything from one version of reflection."""

    def __init__(self, channel: grpc.Channel, version: str) -> None:
        self._channel = channel
        self._info = channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            request_serializer=ServerReflectionRequest.SerializeToString,
            response_deserializer=ServerReflectionResponse.FromString,
        )
        self._pool = DescriptorPool()
        self._files: set[str] = set()

    def ask(self, **question: Any) -> Any:
        """The answer to one question."""
        (answer,) = self._info(iter([ServerReflectionRequest(**question)]), timeout=20)
        return answer

    def services(self) -> set[str]:
        return {service.name for service in self.ask(list_services="").list_services_response.service}

    def method(self, service: str, name: str) -> MethodDescriptor:
        """What the server says of a method, with every file that it needs."""
        answer = self.ask(file_containing_symbol=service)
        self._learn(answer.file_descriptor_response.file_descriptor_proto)
        return self._pool.FindServiceByName(service).methods_by_name[name]

    def _learn(self, files: Any) -> None:
        """Ask for what a file imports before the file itself, each once."""
        known = [descriptor_pb2.FileDescriptorProto.FromString(file) for file in files]
        self._files |= {file.name for file in known}
        for file in known:
            for missing in set(file.dependency) - self._files:
                answer = self.ask(file_by_filename=missing)
                assert answer.WhichOneof("message_response") == "file_descriptor_response", missing
                self._learn(answer.file_descriptor_response.file_descriptor_proto)
        for file in reversed(known):
            self._pool.Add(file)

    def call(self, path: str, question: Any, metadata: tuple[tuple[str, str], ...] = ()) -> Any:
        """Call a method, ``service/name``, with JSON: its answer as JSON."""
        service, _, name = path.partition("/")
        method = self.method(service, name)
        asked = message_factory.GetMessageClass(method.input_type)
        answered = message_factory.GetMessageClass(method.output_type)
        call = self._channel.unary_unary(
            f"/{path}",
            request_serializer=asked.SerializeToString,
            response_deserializer=answered.FromString,
        )
        message = json_format.ParseDict(question, asked(), descriptor_pool=self._pool)
        answer: Any = call(message, metadata=metadata, timeout=20)
        return json_format.MessageToDict(answer, descriptor_pool=self._pool)


@pytest.fixture(params=["v1", "v1alpha"])
def stranger(process: Process, request: pytest.FixtureRequest) -> Iterator[Stranger]:
    with grpc.insecure_channel(process.grpc) as channel:
        yield Stranger(channel, request.param)


def test_every_service_is_listed(stranger: Stranger) -> None:
    assert stranger.services() >= SERVICES


def test_every_method_of_every_service_is_described(stranger: Stranger) -> None:
    for service in stranger.services():
        answer = stranger.ask(file_containing_symbol=service)
        assert answer.WhichOneof("message_response") == "file_descriptor_response", service


FLAT = [value for row in ROWS for value in row]
INPUT = {"name": "x", "datatype": "FP64", "shape": [2, 4], "contents": {"fp64_contents": FLAT}}
TENSOR = {"dtype": "DT_DOUBLE", "tensor_shape": {"dim": [{"size": 2}, {"size": 4}]}, "double_val": FLAT}


def doubles(tensor: Any) -> Any:
    """The values of a TensorProto in its JSON form."""
    if "doubleVal" in tensor:
        return tensor["doubleVal"]
    return np.frombuffer(base64.b64decode(tensor["tensorContent"]), "<f8")


@pytest.mark.parametrize(
    ("method", "question", "values"),
    [
        (
            "seldon.protos.Seldon/Predict",
            {"data": {"ndarray": ROWS}},
            lambda answer: answer["data"]["ndarray"],
        ),
        (
            "inference.GRPCInferenceService/ModelInfer",
            {"model_name": "iris", "inputs": [INPUT]},
            lambda answer: answer["outputs"][0]["contents"]["fp64Contents"],
        ),
        (
            "tensorflow.serving.PredictionService/Predict",
            {"model_spec": {"name": "iris"}, "inputs": {"x": TENSOR}},
            lambda answer: doubles(answer["outputs"]["predict"]),
        ),
    ],
)
def test_a_stranger_asks_for_a_prediction(stranger: Stranger, method: str, question: Any, values: Any) -> None:
    answer = stranger.call(method, question, IRIS)
    assert np.reshape(values(answer), (2, 3)).argmax(axis=1).tolist() == [0, 2]


def test_a_stranger_asks_for_health(stranger: Stranger) -> None:
    assert stranger.call("grpc.health.v1.Health/Check", {}) == {"status": "SERVING"}


def test_messages_and_files_are_found_too(stranger: Stranger) -> None:
    (file, *_) = stranger.ask(
        file_containing_symbol="seldon.protos.SeldonMessage"
    ).file_descriptor_response.file_descriptor_proto
    name = descriptor_pb2.FileDescriptorProto.FromString(file).name
    assert file in stranger.ask(file_by_filename=name).file_descriptor_response.file_descriptor_proto


@pytest.mark.parametrize("question", [{"file_containing_symbol": "no.Such"}, {"file_by_filename": "no.proto"}])
def test_what_is_not_there_is_said(stranger: Stranger, question: dict[str, str]) -> None:
    assert stranger.ask(**question).error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]
