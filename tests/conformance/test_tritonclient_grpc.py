"""The official gRPC client of the v2 protocol against a real `infergraph run`."""

import asyncio
import queue
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import tritonclient.grpc as client
import tritonclient.grpc.aio as aio_client
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from tests.conformance.served import iris_and_echo
from tests.serving import Process

ROWS = np.array([[5.1, 3.5, 1.4, 0.2], [6.0, 3.0, 5.0, 2.0]])
IRIS = {"seldon": "iris"}
ECHO = {"seldon": "echo", "namespace": "default"}
Results = queue.Queue[tuple[Any, Any]]


@pytest.fixture(scope="module", params=["aio", "native"])
def grpc_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """Everything here is true of both servers, but for what asks which it is."""
    if request.param == "native":
        pytest.importorskip("pygrpc_native")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INFERGRAPH_GRPC_SERVER", request.param)
        yield request.param


@pytest.fixture(scope="module")
def process(grpc_server: str, tmp_path_factory: pytest.TempPathFactory, iris_model: Path) -> Iterator[Process]:
    with iris_and_echo(tmp_path_factory.mktemp("triton"), iris_model) as process:
        yield process


@pytest.fixture
def server(process: Process) -> Iterator[Any]:
    with client.InferenceServerClient(process.grpc) as opened:
        yield opened


def tensor(name: str, array: Any, datatype: str = "") -> Any:
    """An input of the client."""
    made = client.InferInput(name, list(array.shape), datatype or np_to_triton_dtype(array.dtype))
    made.set_data_from_numpy(array)
    return made


def kinds(answer: Any) -> list[int]:
    """The kind of iris of each row."""
    return [int(kind) for kind in answer.as_numpy("predict").argmax(axis=1)]


def test_the_server(server: Any) -> None:
    assert server.is_server_live()
    assert server.is_server_ready()
    assert server.is_server_ready(headers=IRIS)
    assert not server.is_server_ready(headers={"seldon": "roses"})
    metadata = server.get_server_metadata(as_json=True)
    assert metadata["name"] == "infergraph"
    assert "statistics" in metadata["extensions"]
    listed = {entry.name: entry.state for entry in server.get_model_repository_index().models}
    assert listed == dict.fromkeys(("iris", "classifier", "echo", "model"), "READY")
    assert len(server.get_model_repository_index(headers=IRIS).models) == 2


def test_the_model(server: Any) -> None:
    assert server.is_model_ready("classifier", headers=IRIS)
    assert server.is_model_ready("iris", model_version="1", headers=IRIS)
    for name, version in (("iris", "7"), ("roses", "")):
        with pytest.raises(InferenceServerException) as caught:
            server.get_model_metadata(name, version, headers=IRIS)
        assert caught.value.status() == "StatusCode.NOT_FOUND"
    metadata = server.get_model_metadata("iris", "1", headers=IRIS, as_json=True)
    assert (metadata["name"], metadata["versions"], metadata["platform"]) == ("iris", ["1.16.0"], "sklearn")
    assert metadata["inputs"] == [{"name": "input", "datatype": "FP64", "shape": ["-1", "4"]}]
    config = server.get_model_config("iris", headers=IRIS).config
    assert (config.name, config.max_batch_size, list(config.input[0].dims)) == ("iris", 1024, [4])
    assert config.output[0].data_type == client.model_config_pb2.TYPE_FP64


@pytest.mark.parametrize("compression", [None, "gzip", "deflate"])
def test_infer(server: Any, compression: str | None, grpc_server: str) -> None:
    if (compression, grpc_server) == ("deflate", "native"):
        pytest.skip("the native front knows gzip only, and says so: tests/servers/test_grpc_front.py")
    answer = server.infer(
        "classifier",
        [tensor("x", ROWS)],
        outputs=[client.InferRequestedOutput("predict")],
        request_id="42",
        headers=IRIS,
        compression_algorithm=compression,
    )
    assert kinds(answer) == [0, 2]
    response = answer.get_response()
    assert (response.id, response.model_name, response.model_version) == ("42", "classifier", "1.16.0")
    assert len(response.raw_output_contents) == 1


def test_columns_become_a_table(server: Any) -> None:
    columns = [tensor(name, ROWS[:, [index]]) for index, name in enumerate("abcd")]
    assert kinds(server.infer("iris", columns, headers=IRIS)) == [0, 2]


@pytest.mark.parametrize("code", ["?", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"])
def test_each_datatype_comes_back(server: Any, code: str) -> None:
    given = np.array([[0, 1, 2]]).astype(code)
    answer = server.infer("echo", [tensor("x", given)], headers=ECHO)
    assert answer.as_numpy("predict").dtype == given.dtype
    assert answer.as_numpy("predict").tolist() == given.tolist()


def test_bfloat16(server: Any) -> None:
    given = np.array([[1.0, -2.5, 3.140625]], dtype=ml_dtypes.bfloat16)
    wanted = client.InferRequestedOutput("predict")
    wanted._get_tensor().parameters["datatype"].string_param = "BF16"
    answer = server.infer("echo", [tensor("x", given, "BF16")], outputs=[wanted], headers=ECHO)
    assert answer.get_output("predict").datatype == "BF16"
    assert answer.as_numpy("predict").tolist() == given.tolist()


def test_texts_and_a_tensor_of_many_megabytes(server: Any) -> None:
    texts = np.array([["é".encode(), b"\xff\x00", b""]], dtype=object)
    assert server.infer("echo", [tensor("x", texts)], headers=ECHO).as_numpy("predict").tolist() == texts.tolist()
    image = np.random.default_rng(0).random((8, 1024, 1024), dtype=np.float32)
    answer = server.infer("echo", [tensor("x", image)], headers=ECHO)
    np.testing.assert_array_equal(answer.as_numpy("predict"), image)


def test_an_asyncio_client(process: Process) -> None:
    async def ask() -> list[Any]:
        async with aio_client.InferenceServerClient(process.grpc) as server:
            assert await server.is_server_ready()
            asked = [server.infer("iris", [tensor("x", ROWS)], headers=IRIS) for _ in range(50)]
            return await asyncio.gather(*asked)

    assert [kinds(answer) for answer in asyncio.run(ask())] == [[0, 2]] * 50


def streamed(server: Any, ask: Callable[[Any], None], count: int, headers: dict[str, str]) -> list[tuple[Any, Any]]:
    """Answer and error of each request, in the order in which they came."""
    results: Results = queue.Queue()
    server.start_stream(callback=lambda result, error: results.put((result, error)), headers=headers)
    try:
        ask(server)
        return [results.get(timeout=20) for _ in range(count)]
    finally:
        server.stop_stream()


def test_a_stream_answers_in_order(server: Any) -> None:
    def ask(opened: Any) -> None:
        for number in range(100):
            opened.async_stream_infer("echo", [tensor("x", np.array([number]))], request_id=str(number))

    results = streamed(server, ask, 100, ECHO)
    assert [error for _, error in results] == [None] * 100
    assert [result.get_response().id for result, _ in results] == [str(number) for number in range(100)]
    assert [result.as_numpy("predict").tolist() for result, _ in results] == [[number] for number in range(100)]


def test_an_error_in_a_stream_is_about_its_request_only(server: Any) -> None:
    def ask(opened: Any) -> None:
        opened.async_stream_infer("iris", [tensor("x", ROWS[:, :2])])
        opened.async_stream_infer("roses", [tensor("x", ROWS)])
        opened.async_stream_infer("iris", [tensor("x", ROWS)])

    (_, wide), (_, roses), (answer, none) = streamed(server, ask, 3, IRIS)
    assert "rows of 4 numbers" in wide.message()
    assert "There is no model 'roses'; the models are iris, classifier" in roses.message()
    assert none is None
    assert kinds(answer) == [0, 2]


def test_an_asyncio_stream(process: Process) -> None:
    async def ask() -> list[Any]:
        async def requests() -> Any:
            for number in range(20):
                yield {"model_name": "echo", "inputs": [tensor("x", np.array([number]))], "request_id": str(number)}

        async with aio_client.InferenceServerClient(process.grpc) as server:
            answers = server.stream_infer(requests(), headers=ECHO)
            return [(await anext(answers))[0].as_numpy("predict")[0] for _ in range(20)]

    assert asyncio.run(ask()) == list(range(20))


def test_errors_have_a_code_and_words(server: Any) -> None:
    with pytest.raises(InferenceServerException, match="rows of 4 numbers") as caught:
        server.infer("iris", [tensor("x", ROWS[:, :2])], headers=IRIS)
    assert caught.value.status() == "StatusCode.INVALID_ARGUMENT"
    with pytest.raises(InferenceServerException, match="There is no model 'roses'") as caught:
        server.infer("roses", [tensor("x", ROWS)], headers=IRIS)
    assert caught.value.status() == "StatusCode.NOT_FOUND"
    with pytest.raises(InferenceServerException, match="Several deployments are meant"):
        server.infer("iris", [tensor("x", ROWS)])


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("load_model", ("iris",)),
        ("unload_model", ("iris",)),
        ("get_system_shared_memory_status", ()),
        ("register_system_shared_memory", ("a", "b", 1)),
        ("unregister_cuda_shared_memory", ()),
        ("update_log_settings", ({},)),
        ("get_trace_settings", ()),
    ],
)
def test_what_is_not_offered_says_so(server: Any, method: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(InferenceServerException, match="is not offered") as caught:
        getattr(server, method)(*arguments)
    assert caught.value.status() == "StatusCode.UNIMPLEMENTED"


def test_statistics_count_what_was_answered(server: Any) -> None:
    def counts() -> tuple[int, int]:
        (stats,) = server.get_inference_statistics("model", headers=ECHO).model_stats
        return stats.inference_stats.success.count, stats.inference_stats.success.ns

    before = counts()
    server.infer("model", [tensor("x", ROWS)], headers=ECHO)
    after = counts()
    assert after[0] == before[0] + 1
    assert after[1] > before[1]
    assert len(server.get_inference_statistics(headers=ECHO).model_stats) == 2
