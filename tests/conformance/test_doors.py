"""The same request through every door: each protocol, over REST and over gRPC, gives the same numbers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
import tritonclient.grpc as grpc_client
import tritonclient.http as http_client

from tests.conformance.served import iris_manifest
from tests.serving import Process, running
from tests.stubs import array_of, predict_request, prediction, rows, seldon

ROWS = np.array([[5.1, 3.5, 1.4, 0.2], [6.0, 3.0, 5.0, 2.0], [5.7, 2.8, 4.1, 1.3]])


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory, iris_model: Path) -> Iterator[Process]:
    with running(iris_manifest(tmp_path_factory.mktemp("doors"), iris_model)) as process:
        yield process


def seldon_rest(process: Process) -> Any:
    return process.predict({"data": {"ndarray": ROWS.tolist()}}).json["data"]["ndarray"]


def seldon_grpc(process: Process) -> Any:
    with grpc.insecure_channel(process.grpc) as channel:
        answer = seldon(channel).Predict(rows(*ROWS.tolist()), timeout=20)
    return [list(row) for row in answer.data.ndarray]


def v2_rest(process: Process, *, is_binary: bool) -> Any:
    given = http_client.InferInput("x", list(ROWS.shape), "FP64")
    given.set_data_from_numpy(ROWS, binary_data=is_binary)
    wanted = http_client.InferRequestedOutput("predict", binary_data=is_binary)
    with http_client.InferenceServerClient(f"127.0.0.1:{process.port}") as client:
        return client.infer("iris", [given], outputs=[wanted]).as_numpy("predict").tolist()


def v2_grpc(process: Process) -> Any:
    given = grpc_client.InferInput("x", list(ROWS.shape), "FP64")
    given.set_data_from_numpy(ROWS)
    with grpc_client.InferenceServerClient(process.grpc) as client:
        return client.infer("iris", [given]).as_numpy("predict").tolist()


def tensorflow_rest(process: Process) -> Any:
    body = json.dumps({"instances": ROWS.tolist()})
    return process.request("POST", "/v1/models/iris:predict", body).json["predictions"]


def tensorflow_grpc(process: Process) -> Any:
    with grpc.insecure_channel(process.grpc) as channel:
        answer = prediction(channel).Predict(predict_request("iris", {"x": ROWS}), timeout=20)
    return array_of(answer.outputs["predict"]).tolist()


def test_iris_gives_the_same_numbers_on_all_seven_doors(process: Process) -> None:
    answers = {
        "seldon REST": seldon_rest(process),
        "seldon gRPC": seldon_grpc(process),
        "v2 REST JSON": v2_rest(process, is_binary=False),
        "v2 REST binary": v2_rest(process, is_binary=True),
        "v2 gRPC": v2_grpc(process),
        "TensorFlow REST": tensorflow_rest(process),
        "TensorFlow gRPC": tensorflow_grpc(process),
    }
    assert np.argmax(answers["seldon REST"], axis=1).tolist() == [0, 2, 1]
    assert answers == dict.fromkeys(answers, answers["seldon REST"])
