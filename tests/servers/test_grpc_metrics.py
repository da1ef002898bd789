"""What is measured of calls over gRPC, in all three protocols."""

import asyncio
import threading
from typing import Any

import grpc
import numpy as np
import pytest
from tritonclient.grpc import service_pb2

from infergraph.errors import BadMessage
from infergraph.graph.context import Context
from infergraph.payloads import Payload
from infergraph.servers.grpc_target import GrpcTarget
from tests.servers.grpc_serving import grpc_serving, target
from tests.servers.test_grpc_v2 import request, v2
from tests.stubs import predict_request, prediction, rows, seldon
from tests.telemetry.scraping import Scrape, scrape

COUNT = "seldon_api_executor_server_requests_seconds_count"
INFER = "/inference.GRPCInferenceService/ModelInfer"
STREAM = "/inference.GRPCInferenceService/ModelStreamInfer"
PREDICT = "/seldon.protos.Seldon/Predict"


async def picky(payload: Payload, _: Context) -> Payload:
    if (np.asarray(payload.data) == 13).any():
        raise BadMessage("not thirteen")
    return payload


def scraped(of: GrpcTarget) -> Scrape:
    return scrape(of.served.metrics.registry)


def test_every_method_has_its_path() -> None:
    one = target(picky)
    with grpc_serving(one) as (_, channel):
        seldon(channel).Predict(rows([1.0]))
        v2(channel).ModelInfer(request(1))
        v2(channel).ModelReady(service_pb2.ModelReadyRequest(name="one"))
        prediction(channel).Predict(predict_request("one", {"x": np.ones((1, 2))}))
        found = scraped(one)
    services = {
        labels["service"]: found.value(COUNT, method="unary", code="OK", service=labels["service"])
        for labels in found.labels(COUNT)
    }
    assert services == {
        PREDICT: 1,
        INFER: 1,
        "/inference.GRPCInferenceService/ModelReady": 1,
        "/tensorflow.serving.PredictionService/Predict": 1,
    }
    stages = [found.value("infergraph_stage_seconds_count", stage=stage) for stage in ("parse", "encode")]
    assert stages == [3, 3]
    assert found.value("infergraph_graph_seconds_count", outcome="success") == 3
    assert found.value("infergraph_requests_in_flight") == 0


@pytest.mark.parametrize(
    ("ask", "path"),
    [
        (lambda channel: seldon(channel).Predict(rows([13.0])), PREDICT),
        (lambda channel: v2(channel).ModelInfer(request(13)), INFER),
    ],
)
def test_a_call_that_fails_has_its_code_and_its_reason(ask: Any, path: str) -> None:
    one = target(picky)
    with grpc_serving(one) as (_, channel):
        with pytest.raises(grpc.RpcError):
            ask(channel)
        found = scraped(one)
    assert found.value(COUNT, service=path, code="InvalidArgument") == 1
    assert found.value("infergraph_refusals_total", deployment_name="one", reason="MICROSERVICE_BAD_DATA") == 1
    assert found.value("infergraph_graph_seconds_count", outcome="failure") == 1
    assert found.value("infergraph_requests_in_flight") == 0


def test_each_request_of_a_stream_counts() -> None:
    one = target(picky)
    with grpc_serving(one) as (_, channel):
        answers = list(v2(channel).ModelStreamInfer(iter([request(1), request(13), request(2)]), timeout=20))
        found = scraped(one)
    assert [bool(answer.error_message) for answer in answers] == [False, True, False]
    assert found.value(COUNT, service=STREAM, method="stream", code="OK") == 2
    assert found.value(COUNT, service=STREAM, method="stream", code="InvalidArgument") == 1
    assert found.value("infergraph_refusals_total", reason="MICROSERVICE_BAD_DATA") == 1
    assert found.value("infergraph_requests_in_flight") == 0


def test_what_is_for_nobody_is_no_deployments() -> None:
    one = target(picky)
    with grpc_serving(one) as (_, channel):
        for metadata in ((("seldon", f"nobody{number}"),) for number in range(3)):
            with pytest.raises(grpc.RpcError):
                seldon(channel).Predict(rows([1.0]), metadata=metadata)
        with pytest.raises(grpc.RpcError):
            v2(channel).LogSettings(service_pb2.LogSettingsRequest())
        found = scraped(one)
    assert found.value("infergraph_refusals_total", deployment_name="", reason="NOT_FOUND") == 3
    assert found.value("infergraph_refusals_total", deployment_name="", reason="METHOD_NOT_ALLOWED") == 1
    assert found.labels(COUNT) == []
    assert "nobody" not in found.text


def test_a_caller_who_goes_is_counted_as_gone() -> None:
    has_begun, has_ended = threading.Event(), threading.Event()

    async def endless(_: Payload, __: Context) -> Payload:
        has_begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            has_ended.set()
        raise AssertionError

    one = target(endless)
    with grpc_serving(one) as (_, channel):
        call = seldon(channel).Predict.future(rows([1.0]))
        assert has_begun.wait(20)
        assert scraped(one).value("infergraph_requests_in_flight") == 1
        call.cancel()
        assert has_ended.wait(20)
    found = scraped(one)
    assert found.value(COUNT, service=PREDICT, code="Canceled") == 1
    assert found.value("infergraph_requests_in_flight") == 0
