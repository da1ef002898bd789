"""The v2 protocol over gRPC: what reaches the graph, what comes back, and how calls and streams end."""

import asyncio
import itertools
import threading
from collections.abc import Iterator
from typing import Any

import grpc
import numpy as np
import pytest
from grpc import StatusCode
from tritonclient.grpc import service_pb2, service_pb2_grpc

from infergraph.errors import ComponentFailed, QueueFull
from infergraph.graph.context import Context
from infergraph.payloads import Meta, Payload
from infergraph.servers.grpc_server import GrpcServerKind
from infergraph.servers.limits import Limits
from tests.servers.grpc_serving import grpc_serving, refusals_of_metadata, target
from tests.servers.test_grpc_calls import Held, ended, failed

pytestmark = pytest.mark.usefixtures("each_grpc_server")

V2 = "/inference.GRPCInferenceService"


def v2(channel: Any) -> Any:
    return service_pb2_grpc.GRPCInferenceServiceStub(channel)


def request(*values: float, model: str = "", **more: Any) -> Any:
    """A request of one row."""
    given = {"name": "x", "datatype": "FP64", "shape": [1, len(values)], "contents": {"fp64_contents": values}}
    return service_pb2.ModelInferRequest(model_name=model, inputs=[given], **more)


def values(answer: Any) -> list[float]:
    return list(answer.outputs[0].contents.fp64_contents)


def test_a_message_there_and_back() -> None:
    with grpc_serving() as (_, channel):
        for model in ("one", "model", ""):
            answer = v2(channel).ModelInfer(request(1, 2, model=model, id="7"), timeout=20)
            assert (values(answer), answer.id, answer.model_version) == ([1, 2], "7", "1")
            assert answer.model_name == (model or "one")


def test_tags_come_back_as_parameters_and_the_id_as_metadata() -> None:
    async def tagging(payload: Payload, context: Context) -> Payload:
        return Payload(payload.data, payload.encoding, [], Meta(tags={"puid": context.puid}))

    with grpc_serving(target(tagging)) as (_, channel):
        metadata = (("seldon-puid", "mine"),)
        answer, call = v2(channel).ModelInfer.with_call(request(1), metadata=metadata, timeout=20)
    assert answer.parameters["puid"].string_param == "mine"
    assert dict(call.initial_metadata())["seldon-puid"] == "mine"


def test_before_everything_is_loaded() -> None:
    with grpc_serving(target(None)) as (_, channel):
        assert v2(channel).ServerLive(service_pb2.ServerLiveRequest(), timeout=20).live
        assert not v2(channel).ServerReady(service_pb2.ServerReadyRequest(), timeout=20).ready
        assert not v2(channel).ModelReady(service_pb2.ModelReadyRequest(name="model"), timeout=20).ready
        (entry, _) = v2(channel).RepositoryIndex(service_pb2.RepositoryIndexRequest(), timeout=20).models
        assert (entry.name, entry.state) == ("one", "UNAVAILABLE")
        assert not v2(channel).RepositoryIndex(service_pb2.RepositoryIndexRequest(ready=True), timeout=20).models
        assert failed(v2(channel).ModelInfer, request(1)).code() is StatusCode.UNAVAILABLE
        code = failed(v2(channel).ModelInfer, service_pb2.ModelInferRequest()).code()
        assert code is StatusCode.UNAVAILABLE  # whatever the request is


@pytest.mark.parametrize("method", ["ModelInfer", "ModelMetadata", "ModelConfig", "ModelStatistics", "ModelReady"])
def test_a_model_that_is_not_here(method: str) -> None:
    name = "model_name" if method == "ModelInfer" else "name"
    asked = request(1) if method == "ModelInfer" else getattr(service_pb2, f"{method}Request")()
    setattr(asked, name, "roses")
    with grpc_serving() as (_, channel):
        code, details = ended(failed(getattr(v2(channel), method), asked))
    assert (code, details) == (StatusCode.NOT_FOUND, "There is no model 'roses'; the models are one, model")


@pytest.mark.parametrize("method", ["ModelInfer", "ModelMetadata", "ModelConfig", "RepositoryIndex"])
@pytest.mark.parametrize("body", [b"\xff\xff", b"\x0a\x7f\x01", b"\x0b" * 10_000, b"\x0a\x02\xff\xff"])
def test_bytes_that_are_no_message_are_the_callers_mistake(method: str, body: bytes) -> None:
    with grpc_serving() as (_, channel):
        code, details = ended(failed(channel.unary_unary(f"{V2}/{method}"), body))
        assert (code, "Request" in details) == (StatusCode.INVALID_ARGUMENT, True)
        assert values(v2(channel).ModelInfer(request(1), timeout=20)) == [1]


def test_who_asks_whether_the_server_lives_may_ask_as_he_likes() -> None:
    with grpc_serving() as (_, channel):
        live: Any = channel.unary_unary(f"{V2}/ServerLive")
        assert live(b"\xff", timeout=20) == b"\x08\x01"


def inputs(count: int) -> Any:
    return service_pb2.ModelInferRequest(
        inputs=[{"name": str(n), "datatype": "BOOL", "shape": [1]} for n in range(count)],
        raw_input_contents=[b"\1"] * count,
    )


def named_twice() -> Any:
    asked = request(1)
    asked.inputs.append(asked.inputs[0])
    return asked


BAD = [
    (inputs(10_000), "Expected 1 to 1000 inputs, got 10000"),
    (request(1, id="i\n" * 500_000), "An id has at most 1024 characters, got 1000000"),
    (named_twice(), "two inputs named 'x'"),
    (request(1, raw_input_contents=[bytes(9)]), "got both"),
    (service_pb2.ModelInferRequest(), "Expected 1 to 1000 inputs, got 0"),
    (request(1, outputs=[{"name": str(n)} for n in range(10_000)]), "at most 1000 outputs, got 10000"),
    (request(1, outputs=[{"name": "nothing"}]), "There is no output 'nothing'; the outputs are x"),
]


@pytest.mark.parametrize(("asked", "words"), BAD)
def test_bad_requests(asked: Any, words: str) -> None:
    with grpc_serving(target(message_bytes=2**23)) as (_, channel):
        code, details = ended(failed(v2(channel).ModelInfer, asked))
        assert code is StatusCode.INVALID_ARGUMENT
        assert words in details
        (answer,) = v2(channel).ModelStreamInfer(iter([asked]), timeout=20)
        assert words in answer.error_message
        assert values(v2(channel).ModelInfer(request(1), timeout=20)) == [1]


def test_a_message_over_the_limit_and_metadata_of_a_megabyte(each_grpc_server: GrpcServerKind) -> None:
    with grpc_serving(target(message_bytes=10_000), target(name="two", message_bytes=100_000)) as (_, channel):
        small, large = ((("seldon", name),) for name in ("one", "two"))
        asked = request(*[1.0] * 2_000)
        code, details = ended(failed(v2(channel).ModelInfer, asked, metadata=small))
        assert (code, "at most 10000 bytes here" in details) == (StatusCode.RESOURCE_EXHAUSTED, True)
        (answer,) = v2(channel).ModelStreamInfer(iter([asked]), metadata=small, timeout=20)
        assert "at most 10000 bytes here" in answer.error_message
        assert len(values(v2(channel).ModelInfer(asked, metadata=large, timeout=20))) == 2_000
        error = failed(v2(channel).ModelInfer, request(1), metadata=(*small, ("a", "x" * 1_000_000)))
        assert error.code() in refusals_of_metadata(each_grpc_server)
        assert values(v2(channel).ModelInfer(request(1), metadata=small, timeout=20)) == [1]


@pytest.mark.parametrize("method", ["Explain", "modelinfer", ""])
def test_an_unknown_method(method: str) -> None:
    with grpc_serving() as (_, channel):
        assert failed(channel.unary_unary(f"{V2}/{method}"), b"").code() is StatusCode.UNIMPLEMENTED


def test_what_is_not_offered_says_so_whatever_is_asked() -> None:
    with grpc_serving() as (_, channel):
        for method in ("RepositoryModelLoad", "CudaSharedMemoryRegister", "TraceSetting"):
            code, details = ended(failed(channel.unary_unary(f"{V2}/{method}"), b"\xff"))
            assert (code, f"{method} is not offered" in details) == (StatusCode.UNIMPLEMENTED, True)


def test_who_leaves_and_whose_deadline_passes_disturb_nobody() -> None:
    held = Held()
    with grpc_serving(target(held)) as (running, channel):
        leaving, staying = (v2(channel).ModelInfer.future(request(n), timeout=20) for n in range(2))
        assert failed(v2(channel).ModelInfer, request(9), timeout=0.2).code() is StatusCode.DEADLINE_EXCEEDED
        for _ in range(3):
            assert held.has_begun.acquire(timeout=20)
        leaving.cancel()
        for _ in range(2):
            assert held.was_cancelled.acquire(timeout=20)
        running.loop.call_soon_threadsafe(held.go.set)
        assert values(staying.result()) == [1]


def test_the_deadline_of_the_annotation_in_a_call_and_in_a_stream() -> None:
    held = Held()
    with grpc_serving(target(held, timeout_s=0.05)) as (_, channel):
        assert failed(v2(channel).ModelInfer, request(1)).code() is StatusCode.DEADLINE_EXCEEDED
        (answer,) = v2(channel).ModelStreamInfer(iter([request(1)]), timeout=20)
        assert answer.error_message.startswith("No answer within 0.05 s")


def test_errors_of_a_stream_stand_in_it_with_the_id_of_their_request() -> None:
    async def picky(payload: Payload, _: Context) -> Payload:
        if payload.data[0, 0] == 1:
            raise ComponentFailed("not one", unit="m")
        if payload.data[0, 0] == 2:
            raise ZeroDivisionError("by zero")
        return payload

    with grpc_serving(target(picky)) as (_, channel):
        asked = [request(number, id=str(number)) for number in range(4)]
        answers = list(v2(channel).ModelStreamInfer(iter(asked), metadata=(("seldon-puid", "p"),), timeout=20))
    assert [answer.infer_response.id for answer in answers] == ["0", "1", "2", "3"]
    errors = ["", "not one", "ZeroDivisionError: by zero (request p)", ""]
    assert [answer.error_message for answer in answers] == errors


def test_a_stream_for_nobody() -> None:
    with grpc_serving() as (_, channel):
        stream = v2(channel).ModelStreamInfer(iter([request(1)]), metadata=(("seldon", "roses"),), timeout=20)
        with pytest.raises(grpc.RpcError) as raised:
            next(stream)
    assert ended(raised.value)[0] is StatusCode.NOT_FOUND


def test_bytes_that_are_no_message_in_a_stream() -> None:
    with grpc_serving() as (_, channel):
        bodies = [b"\xff", request(1).SerializeToString()]
        call: Any = channel.stream_stream(f"{V2}/ModelStreamInfer")
        bad, good = map(service_pb2.ModelStreamInferResponse.FromString, call(iter(bodies), timeout=20))
    assert "Expected a inference.ModelInferRequest" in bad.error_message
    assert values(good.infer_response) == [1]


class Counting:
    """A graph that counts what reaches it."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self, payload: Payload, _: Context) -> Payload:
        self.count += 1
        await asyncio.sleep(0)
        return payload


def large_requests(sent: list[int]) -> Iterator[Any]:
    given = {"name": "x", "datatype": "FP64", "shape": [1, 125_000]}
    asked = service_pb2.ModelInferRequest(inputs=[given], raw_input_contents=[np.zeros(125_000).tobytes()])
    for number in range(1000):
        sent.append(number)
        yield asked


def test_a_stream_that_is_never_read_is_not_read_from() -> None:
    """A gigabyte is asked and nothing taken: what the server takes in is bounded by what the wire holds."""
    counting, sent = Counting(), list[int]()
    with grpc_serving(target(counting, message_bytes=2**21)) as (_, channel):
        stream = channel.stream_stream(f"{V2}/ModelStreamInfer", service_pb2.ModelInferRequest.SerializeToString, len)(
            large_requests(sent), timeout=40
        )
        assert dict(stream.initial_metadata())["seldon-puid"]
        for _ in range(20):  # others are served all the while
            assert len(v2(channel).ModelInfer(request(1), timeout=20).outputs) == 1
        assert counting.count - 20 < 100
        assert len(sent) < 200
        assert [size > 10**6 for size in itertools.islice(stream, 50)] == [True] * 50  # and it goes on when it is read
        stream.cancel()


def test_a_drain_ends_a_stream_on_which_nothing_is_asked() -> None:
    asked: Any = iter(threading.Event().wait, None)
    with grpc_serving() as (running, channel):
        stream = v2(channel).ModelStreamInfer(itertools.chain([request(1)], asked), timeout=40)
        assert values(next(stream).infer_response) == [1]
        running.drain()
        with pytest.raises(grpc.RpcError) as raised:
            next(stream)
        assert ended(raised.value)[0] is StatusCode.UNAVAILABLE
        running.join()


def test_a_drain_finishes_what_a_stream_has_asked() -> None:
    held = Held()
    with grpc_serving(target(held), limits=Limits(drain_grace_s=0.05)) as (running, channel):
        stream = v2(channel).ModelStreamInfer(iter([request(1), request(2)]), timeout=40)
        assert held.has_begun.acquire(timeout=20)
        running.drain()
        running.loop.call_soon_threadsafe(held.go.set)
        assert values(next(stream).infer_response) == [1]
        running.join()


def test_a_caller_that_leaves_a_stream() -> None:
    held = Held()
    with grpc_serving(target(held)) as (running, channel):
        stream = v2(channel).ModelStreamInfer(iter([request(1)]), timeout=40)
        assert held.has_begun.acquire(timeout=20)
        stream.cancel()
        assert held.was_cancelled.acquire(timeout=20)
        running.loop.call_soon_threadsafe(held.go.set)
        assert values(v2(channel).ModelInfer(request(2), timeout=20)) == [2]


def test_too_many_who_wait_are_told() -> None:
    async def full(_: Payload, __: Context) -> Payload:
        raise QueueFull("full")

    with grpc_serving(target(full)) as (_, channel):
        assert ended(failed(v2(channel).ModelInfer, request(1))) == (StatusCode.RESOURCE_EXHAUSTED, "full")
