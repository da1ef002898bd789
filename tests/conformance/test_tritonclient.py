"""The official client of the v2 protocol against a real `infergraph run`."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import tritonclient.http as client
import tritonclient.http.aio as aio_client
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from tests.conformance.served import iris_and_echo
from tests.serving import Process

ROWS = np.array([[5.1, 3.5, 1.4, 0.2], [6.0, 3.0, 5.0, 2.0]])


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory, iris_model: Path) -> Iterator[Process]:
    with iris_and_echo(tmp_path_factory.mktemp("triton"), iris_model) as process:
        yield process


@pytest.fixture
def iris(process: Process) -> Iterator[Any]:
    with client.InferenceServerClient(f"127.0.0.1:{process.port}/seldon/default/iris") as opened:
        yield opened


@pytest.fixture
def echo(process: Process) -> Iterator[Any]:
    with client.InferenceServerClient(f"127.0.0.1:{process.port}/seldon/default/echo") as opened:
        yield opened


def tensor(name: str, array: Any, datatype: str, *, is_binary: bool = True) -> Any:
    """An input of the client."""
    made = client.InferInput(name, list(array.shape), datatype)
    made.set_data_from_numpy(array, binary_data=is_binary)
    return made


def test_the_server(process: Process) -> None:
    with client.InferenceServerClient(f"127.0.0.1:{process.port}") as server:
        assert server.is_server_live()
        assert server.is_server_ready()
        assert server.get_server_metadata()["name"] == "infergraph"
        listed = {entry["name"]: entry["state"] for entry in server.get_model_repository_index()}
        assert listed == dict.fromkeys(("iris", "classifier", "echo", "model"), "READY")


def test_the_model(iris: Any) -> None:
    assert iris.is_model_ready("classifier")
    assert iris.is_model_ready("iris", model_version="1")
    assert not iris.is_model_ready("iris", model_version="7")
    assert not iris.is_model_ready("roses")
    metadata = iris.get_model_metadata("iris")
    assert (metadata["name"], metadata["platform"]) == ("iris", "sklearn")
    assert metadata["inputs"] == [{"name": "input", "datatype": "FP64", "shape": [-1, 4]}]
    assert metadata["outputs"] == [{"name": "predict", "datatype": "FP64", "shape": [-1, 3]}]


@pytest.mark.parametrize("is_binary_in", [True, False])
@pytest.mark.parametrize("is_binary_out", [True, False])
@pytest.mark.parametrize("compression", [None, "gzip", "deflate"])
def test_infer(iris: Any, is_binary_in: bool, is_binary_out: bool, compression: str | None) -> None:
    answer = iris.infer(
        "classifier",
        [tensor("x", ROWS, "FP64", is_binary=is_binary_in)],
        outputs=[client.InferRequestedOutput("predict", binary_data=is_binary_out)],
        request_id="42",
        request_compression_algorithm=compression,
        response_compression_algorithm=compression,
    )
    assert answer.as_numpy("predict").argmax(axis=1).tolist() == [0, 2]
    assert answer.get_response()["id"] == "42"


@pytest.mark.parametrize("is_binary", [True, False])
@pytest.mark.parametrize("compression", [None, "gzip", "deflate"])
def test_infer_in_an_event_loop(process: Process, is_binary: bool, compression: str | None) -> None:
    async def ask() -> list[Any]:
        async with aio_client.InferenceServerClient(f"127.0.0.1:{process.port}/seldon/default/iris") as opened:
            assert await opened.is_model_ready("classifier")
            given = [tensor("x", ROWS, "FP64", is_binary=is_binary)]
            wanted = [client.InferRequestedOutput("predict", binary_data=is_binary)]
            asked = [
                opened.infer("classifier", given, outputs=wanted, request_compression_algorithm=compression)
                for _ in range(8)
            ]
            return [answer.as_numpy("predict").tolist() for answer in await asyncio.gather(*asked)]

    answers = asyncio.run(ask())
    assert answers == answers[:1] * 8
    assert np.argmax(answers[0], axis=1).tolist() == [0, 2]


def test_all_outputs_come_as_bytes_when_none_is_named(iris: Any) -> None:
    answer = iris.infer("classifier", [tensor("x", ROWS.astype(np.float32), "FP32")])
    assert "binary_data_size" in answer.get_output("predict")["parameters"]
    assert answer.as_numpy("predict").argmax(axis=1).tolist() == [0, 2]


def test_columns_become_a_table(iris: Any) -> None:
    names = ("a", "b", "c", "d")
    columns = [tensor(name, ROWS[:, [index]], "FP64") for index, name in enumerate(names)]
    by_columns, by_rows = iris.infer("iris", columns), iris.infer("iris", [tensor("x", ROWS, "FP64")])
    assert by_columns.as_numpy("predict").tolist() == by_rows.as_numpy("predict").tolist()


def test_several_inputs_reach_a_class_as_they_are(echo: Any) -> None:
    given = {
        "image": np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
        "text": np.array(["é".encode(), b"\xff\x00"], dtype=object),
        "flag": np.array([[True, False]]),
    }
    datatypes = {"image": "UINT8", "text": "BYTES", "flag": "BOOL"}
    answer = echo.infer("model", [tensor(name, array, datatypes[name]) for name, array in given.items()])
    for name, array in given.items():
        assert answer.get_output(name)["datatype"] == datatypes[name]
        assert answer.as_numpy(name).tolist() == array.tolist()


@pytest.mark.parametrize("code", ["?", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"])
def test_each_datatype_comes_back(echo: Any, code: str) -> None:
    given = np.array([[0, 1, 2]]).astype(code)
    answer = echo.infer("echo", [tensor("x", given, np_to_triton_dtype(given.dtype))])
    assert answer.as_numpy("predict").dtype == given.dtype
    assert answer.as_numpy("predict").tolist() == given.tolist()


def test_bfloat16(echo: Any) -> None:
    given = np.array([[1.0, -2.5, 3.140625]], dtype=ml_dtypes.bfloat16)
    wanted = client.InferRequestedOutput("predict")
    wanted._parameters["datatype"] = "BF16"
    answer = echo.infer("echo", [tensor("x", given, "BF16")], outputs=[wanted])
    assert answer.get_output("predict")["datatype"] == "BF16"
    assert answer.as_numpy("predict").tolist() == given.tolist()


def test_texts_as_json(echo: Any) -> None:
    texts = np.array([["a", "é"]], dtype=object)
    given = tensor("x", texts, "BYTES", is_binary=False)
    answer = echo.infer("echo", [given], outputs=[client.InferRequestedOutput("predict", binary_data=False)])
    assert answer.as_numpy("predict").tolist() == texts.tolist()


def test_configuration(iris: Any) -> None:
    config = iris.get_model_config("classifier")
    assert (config["name"], config["max_batch_size"]) == ("classifier", 1024)
    assert config["input"] == [{"name": "input", "data_type": "TYPE_FP64", "dims": [4]}]
    assert config["output"] == [{"name": "predict", "data_type": "TYPE_FP64", "dims": [3]}]


def test_errors_have_the_protocols_form(iris: Any) -> None:
    with pytest.raises(InferenceServerException, match="rows of 4 numbers") as caught:
        iris.infer("iris", [tensor("x", ROWS[:, :2], "FP64")])
    assert caught.value.status() == "400"
    with pytest.raises(InferenceServerException, match="There is no model"):
        iris.infer("roses", [tensor("x", ROWS, "FP64")])


def test_statistics_count_what_was_answered(echo: Any) -> None:
    def counts() -> tuple[int, int]:
        stats = echo.get_inference_statistics("model")["model_stats"][0]["inference_stats"]
        return stats["success"]["count"], stats["success"]["ns"]

    before = counts()
    echo.infer("model", [tensor("x", ROWS, "FP64")])
    after = counts()
    assert after[0] == before[0] + 1
    assert after[1] > before[1]
