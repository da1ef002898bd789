"""A gRPC client of TensorFlow Serving, of stubs made from its messages, against a real `infergraph run`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest

from tests.conformance.served import iris_and_echo
from tests.serving import Process
from tests.stubs import array_of, predict_request, prediction, stubs

ROWS = np.array([[5.1, 3.5, 1.4, 0.2], [6.0, 3.0, 5.0, 2.0]])
IRIS, ECHO = (("seldon", "iris"),), (("seldon", "echo"),)


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory, iris_model: Path) -> Iterator[Process]:
    with iris_and_echo(tmp_path_factory.mktemp("serving"), iris_model) as process:
        yield process


@pytest.fixture
def channel(process: Process) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(process.grpc) as opened:
        yield opened


def model_service(channel: grpc.Channel) -> Any:
    return stubs().serving_services.ModelServiceStub(channel)


def test_predict(channel: grpc.Channel) -> None:
    answer = prediction(channel).Predict(predict_request("classifier", {"x": ROWS}), metadata=IRIS, timeout=20)
    assert array_of(answer.outputs["predict"]).argmax(axis=1).tolist() == [0, 2]
    spec = answer.model_spec
    assert (spec.name, spec.version.value, spec.signature_name) == ("classifier", 1, "serving_default")


def test_a_version_and_a_label(channel: grpc.Channel) -> None:
    request = predict_request("classifier", {"x": ROWS})
    request.model_spec.version.value = 1
    assert prediction(channel).Predict(request, metadata=IRIS, timeout=20).outputs
    request.model_spec.version_label = "1.16.0"
    assert prediction(channel).Predict(request, metadata=IRIS, timeout=20).outputs
    request.model_spec.version_label = "canary"
    with pytest.raises(grpc.RpcError) as caught:
        prediction(channel).Predict(request, metadata=IRIS, timeout=20)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_columns_become_a_table(channel: grpc.Channel) -> None:
    columns = {name: ROWS[:, index] for index, name in enumerate("abcd")}
    answer = prediction(channel).Predict(predict_request("iris", columns), metadata=IRIS, timeout=20)
    assert array_of(answer.outputs["predict"]).argmax(axis=1).tolist() == [0, 2]


@pytest.mark.parametrize("code", ["?", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"])
def test_each_type_comes_back(channel: grpc.Channel, code: str) -> None:
    given = np.array([[0, 1, 2]]).astype(code)
    answer = prediction(channel).Predict(predict_request("echo", {"x": given}), metadata=ECHO, timeout=20)
    again = array_of(answer.outputs["predict"])
    assert (again.dtype, again.tolist()) == (given.dtype, given.tolist())


def test_several_outputs_and_texts_of_which_some_are_wanted(channel: grpc.Channel) -> None:
    texts = np.array([["é".encode(), b"\xff"]], dtype=object)
    given = {"a": np.array([1.5]), "b": np.array([[True]]), "c": texts}
    every = prediction(channel).Predict(predict_request("model", given), metadata=ECHO, timeout=20).outputs
    assert {name: array_of(one).tolist() for name, one in every.items()} == {k: v.tolist() for k, v in given.items()}
    some = predict_request("model", given, outputs=("c", "a", "c"))
    assert {*prediction(channel).Predict(some, metadata=ECHO, timeout=20).outputs} == {"a", "c"}


def test_metadata(channel: grpc.Channel) -> None:
    request = stubs().serving.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "classifier"
    answer = prediction(channel).GetModelMetadata(request, metadata=IRIS, timeout=20)
    assert (answer.model_spec.name, answer.model_spec.version.value) == ("classifier", 1)
    signatures = stubs().serving.SignatureDefMap()
    assert answer.metadata["signature_def"].Unpack(signatures)
    signature = signatures.signature_def["serving_default"]
    assert signature.method_name == "tensorflow/serving/predict"
    assert (signature.inputs["input"].dtype, signature.inputs["input"].name) == (2, "input")
    assert [dim.size for dim in signature.outputs["predict"].tensor_shape.dim] == [-1, 3]


def test_status(channel: grpc.Channel) -> None:
    request = stubs().serving.GetModelStatusRequest()
    request.model_spec.name = "classifier"
    (status,) = model_service(channel).GetModelStatus(request, metadata=IRIS, timeout=20).model_version_status
    assert (status.version, status.state, status.status.error_code) == (1, 30, 0)
    request.model_spec.name = "roses"
    with pytest.raises(grpc.RpcError) as caught:
        model_service(channel).GetModelStatus(request, metadata=IRIS, timeout=20)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
