"""TensorFlow Serving's protocol over gRPC: what reaches the graph, what comes back, and what is refused."""

from typing import Any

import grpc
import pytest
from grpc import StatusCode

from infergraph.errors import ComponentFailed
from infergraph.graph.context import Context
from infergraph.payloads import Payload
from tests.servers.grpc_serving import grpc_serving, target
from tests.servers.test_grpc_calls import Held, ended, failed
from tests.stubs import array_of, predict_request, prediction, stubs

pytestmark = pytest.mark.usefixtures("each_grpc_server")

ROW = {"x": [[1.5, 2.0]]}
PREDICTION, MODEL = "/tensorflow.serving.PredictionService", "/tensorflow.serving.ModelService"


def answered(channel: grpc.Channel, request: Any = None, **options: Any) -> Any:
    answer = prediction(channel).Predict(request or predict_request("", ROW), timeout=20, **options)
    return array_of(answer.outputs["x"]).tolist()


def test_a_message_there_and_back() -> None:
    with grpc_serving() as (_, channel):
        for model in ("one", "model", ""):
            answer = prediction(channel).Predict(predict_request(model, ROW), timeout=20)
            assert (answer.model_spec.name, answer.model_spec.version.value) == (model or "one", 1)
            assert array_of(answer.outputs["x"]).tolist() == ROW["x"]


def test_the_requests_id_comes_back() -> None:
    with grpc_serving() as (_, channel):
        metadata = (("seldon-puid", "mine"),)
        _, call = prediction(channel).Predict.with_call(predict_request("", ROW), metadata=metadata, timeout=20)
    assert dict(call.initial_metadata())["seldon-puid"] == "mine"


def spec(kind: str, name: str = "", version: int = 0, **more: Any) -> Any:
    request = getattr(stubs().serving, kind)(**more)
    request.model_spec.name = name
    if version:
        request.model_spec.version.value = version
    return request


def test_status_and_metadata_of_what_is_loading() -> None:
    with grpc_serving(target(None)) as (_, channel):
        models = stubs().serving_services.ModelServiceStub(channel)
        (status,) = models.GetModelStatus(spec("GetModelStatusRequest"), timeout=20).model_version_status
        assert (status.version, status.state) == (1, 20)
        error = failed(prediction(channel).GetModelMetadata, spec("GetModelMetadataRequest"))
        assert error.code() is StatusCode.UNAVAILABLE
        assert failed(prediction(channel).Predict, predict_request("", ROW)).code() is StatusCode.UNAVAILABLE


@pytest.mark.parametrize(("name", "version"), [("roses", 0), ("one", 7), ("one", -1)])
def test_a_model_or_a_version_that_is_not_here(name: str, version: int) -> None:
    asked = predict_request(name, ROW)
    if version:
        asked.model_spec.version.value = version
    with grpc_serving() as (_, channel):
        models = stubs().serving_services.ModelServiceStub(channel)
        errors = [
            failed(prediction(channel).Predict, asked),
            failed(prediction(channel).GetModelMetadata, spec("GetModelMetadataRequest", name, version)),
            failed(models.GetModelStatus, spec("GetModelStatusRequest", name, version)),
        ]
        assert {error.code() for error in errors} == {StatusCode.NOT_FOUND}
        assert answered(channel) == ROW["x"]


def test_a_field_of_metadata_that_there_is_none_of() -> None:
    with grpc_serving() as (_, channel):
        asked = spec("GetModelMetadataRequest", metadata_field=["signature_def", "weights"])
        code, details = ended(failed(prediction(channel).GetModelMetadata, asked))
    assert (code, "got 'weights'" in details) == (StatusCode.INVALID_ARGUMENT, True)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"{PREDICTION}/Classify", "Classify takes tf.Example records"),
        (f"{PREDICTION}/Regress", "Regress takes tf.Example records"),
        (f"{PREDICTION}/MultiInference", "call Predict with tensors"),
        (f"{MODEL}/HandleReloadConfigRequest", "HandleReloadConfigRequest is not offered"),
    ],
)
def test_what_is_not_offered_says_so(path: str, words: str) -> None:
    with grpc_serving() as (_, channel):
        code, details = ended(failed(channel.unary_unary(path), b"\xff"))
    assert (code, words in details) == (StatusCode.UNIMPLEMENTED, True)


def entry(tensor: bytes) -> bytes:
    """An input `x` that is these bytes."""
    inner = b"\x0a\x01x\x12" + bytes([len(tensor)]) + tensor
    return b"\x12" + bytes([len(inner)]) + inner


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "Expected 1 to 1000 inputs, got 0"),
        (b"\xff", "PredictRequest"),
        (b"\x0b" * 10_000, "PredictRequest"),
        (entry(b"\x08\x63"), "got 99"),
        (entry(b"\x08\x01\x22\x03abc"), "3 bytes are no whole number of float32"),
        (entry(b"\x08\x01\x12\x06\x12\x04\x08\xff\xff\x03"), "holds 65535 values, got 0 - at `$.inputs['x']`"),
    ],
)
def test_bad_requests(body: bytes, words: str) -> None:
    with grpc_serving() as (_, channel):
        code, details = ended(failed(channel.unary_unary(f"{PREDICTION}/Predict"), body))
        assert code is StatusCode.INVALID_ARGUMENT
        assert words in details
        assert answered(channel) == ROW["x"]


def test_ten_thousand_inputs() -> None:
    with grpc_serving() as (_, channel):
        asked = predict_request("", {str(number): [1] for number in range(10_000)})
        code, details = ended(failed(prediction(channel).Predict, asked))
        assert (code, "got 10000" in details) == (StatusCode.INVALID_ARGUMENT, True)
        assert answered(channel) == ROW["x"]


def test_what_a_component_raises() -> None:
    async def failing(_: Payload, __: Context) -> Payload:
        raise ComponentFailed("mine", unit="m", status=404)

    with grpc_serving(target(failing)) as (_, channel):
        error: Any = failed(prediction(channel).Predict, predict_request("", ROW))
    assert ended(error) == (StatusCode.NOT_FOUND, "mine")
    assert dict(error.trailing_metadata())["infergraph-unit"] == "m"


def test_who_leaves_and_whose_deadline_passes_disturb_nobody() -> None:
    held = Held()
    with grpc_serving(target(held)) as (running, channel):
        leaving, staying = (prediction(channel).Predict.future(predict_request("", ROW), timeout=20) for _ in range(2))
        asked = predict_request("", ROW)
        assert failed(prediction(channel).Predict, asked, timeout=0.2).code() is StatusCode.DEADLINE_EXCEEDED
        for _ in range(3):
            assert held.has_begun.acquire(timeout=20)
        leaving.cancel()
        for _ in range(2):
            assert held.was_cancelled.acquire(timeout=20)
        running.loop.call_soon_threadsafe(held.go.set)
        assert array_of(staying.result().outputs["x"]).tolist() == ROW["x"]


def test_metadata_chooses_the_deployment() -> None:
    with grpc_serving(target(), target(name="two")) as (_, channel):
        error = failed(prediction(channel).Predict, predict_request("one", ROW))
        assert error.code() is StatusCode.NOT_FOUND
        assert answered(channel, metadata=(("seldon", "two"),)) == ROW["x"]
