"""A unit over gRPC, over real sockets: good answers, statuses, and everything that can go wrong with a call."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import numpy as np
import pytest

from infergraph.declaration import EndpointType
from infergraph.errors import BadAnswer, ComponentLost, ComponentTooSlow, ComponentUnreachable, VerbatimStatus
from infergraph.graph.context import Context
from infergraph.graph.remote import CallLimits, RemoteUnit
from infergraph.graph.remote.address import Address
from infergraph.graph.remote.grpc_transport import GrpcTransport
from infergraph.graph.remote.seldon_grpc import SERVICES
from infergraph.payloads import Encoding, Payload
from infergraph.payloads.feedback import feedback_of
from infergraph.payloads.protos import PACKAGE, Feedback, SeldonMessage, SeldonMessageList, SeldonModelMetadata
from infergraph.payloads.seldon_proto import decode_message, encode_message

ROWS = Payload(np.array([[1.0, 2.0]]), Encoding.NDARRAY, ["a", "b"])
GOOD = encode_message(Payload(np.array([[7.0]]), Encoding.NDARRAY, ["m"]))
BRANCH = encode_message(Payload(np.array([[1]]), Encoding.TENSOR))
SETTINGS = b"\0\0\0\4\0\0\0\0\0"
"""HTTP/2's first frame of a server, without which there is no connection (RFC 9113 §3.4)."""

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Ask = Callable[[RemoteUnit], Awaitable[Any]]


class Component:
    """A gRPC server with every method of a component; each call gets the next answer, or ends with the next status."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.calls: list[tuple[str, dict[str, Any], bytes]] = []
        self.connections: set[str] = set()
        self.time_left_s: float | None = None

    async def _answer(self, path: str, request: bytes, context: Any) -> bytes:
        self.calls.append((path, dict(context.invocation_metadata()), request))
        self.connections.add(context.peer())
        self.time_left_s = context.time_remaining()
        answer = self._answers.pop(0)
        if isinstance(answer, bytes):
            return answer
        if isinstance(answer, tuple):
            await context.abort(*answer)
        return await answer()  # type: ignore[no-any-return]

    def _handlers(self) -> list[Any]:
        services: dict[str, dict[str, Any]] = {}
        for service, method in SERVICES.values():
            name = f"{PACKAGE}.{service}"

            async def handle(request: bytes, context: Any, path: str = f"{service}.{method}") -> bytes:
                return await self._answer(path, request, context)

            services.setdefault(name, {})[method] = grpc.unary_unary_rpc_method_handler(handle)
        return [grpc.method_handlers_generic_handler(name, methods) for name, methods in services.items()]

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        server = grpc.aio.server()
        server.add_generic_rpc_handlers(self._handlers())
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        try:
            yield port
        finally:
            await server.stop(0)


@contextlib.asynccontextmanager
async def calling(port: int, **limits: Any) -> AsyncIterator[RemoteUnit]:
    transport = GrpcTransport()
    address = Address("127.0.0.1", port, EndpointType.GRPC)
    try:
        yield RemoteUnit("m", address, transport, image="shop/m:2", limits=CallLimits(**limits))
    finally:
        await transport.close()


def asked(component: Component, ask: Ask, **limits: Any) -> Any:
    async def main() -> Any:
        async with component.serving() as port, calling(port, **limits) as unit:
            return await ask(unit)

    return asyncio.run(asyncio.wait_for(main(), 20))


def step(unit: RemoteUnit, operation: str = "predict") -> Any:
    found = getattr(unit, operation)()
    assert found is not None
    return found


async def predict(unit: RemoteUnit, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Payload:
    answer: Payload = await step(unit)(ROWS, Context("id-1", headers))
    return answer


def test_a_prediction_goes_and_comes_as_the_component_api_has_it() -> None:
    component = Component(GOOD)
    headers = (
        *((b"authorization", b"Bearer x"), (b"host", b"me"), (b"grpc-timeout", b"1S"), (b"user-agent", b"curl")),
        *((b"x-b3-traceid", b"80f1"), (b"x-raw-bin", b"\x00\xff"), (b"x-umlaut", "ü".encode()), (b"x!", b"1")),
    )
    answer = asked(component, lambda unit: predict(unit, headers))
    assert (answer.data.tolist(), answer.names) == ([[7.0]], ["m"])
    ((path, metadata, body),) = component.calls
    assert (path, decode_message(body).data.tolist()) == ("Model.Predict", [[1.0, 2.0]])
    assert "grpc-python" in metadata.pop("user-agent")
    assert metadata == {
        "seldon-puid": "id-1",
        "authorization": "Bearer x",
        "x-b3-traceid": "80f1",
        "x-raw-bin": b"\x00\xff",
    }


def test_every_operation_has_its_method_and_all_share_a_connection() -> None:
    component = Component(GOOD, GOOD, GOOD, BRANCH, b"", encode_message(ROWS))
    feedback = feedback_of({"request": {"data": {"ndarray": [[1]]}}, "truth": {"strData": "x"}, "reward": 0.5})

    async def ask(unit: RemoteUnit) -> Any:
        context = Context("p")
        await step(unit, "transform_input")(ROWS, context)
        await step(unit, "transform_output")(ROWS, context)
        await step(unit, "aggregate")([ROWS, ROWS], context)
        branch = await step(unit, "route")(ROWS, context)
        reply = await step(unit, "send_feedback")(feedback, context)
        await step(unit)(ROWS, context)
        return branch, reply.encoding

    assert asked(component, ask) == (1, Encoding.NONE)
    assert [path for path, _, _ in component.calls] == [
        *("Transformer.TransformInput", "OutputTransformer.TransformOutput", "Combiner.Aggregate"),
        *("Router.Route", "Model.SendFeedback", "Model.Predict"),
    ]
    assert len(SeldonMessageList.FromString(component.calls[2][2]).seldonMessages) == 2
    sent = Feedback.FromString(component.calls[4][2])
    assert (sent.reward, sent.truth.strData, sent.HasField("response")) == (0.5, "x", False)
    assert len(component.connections) == 1


@pytest.mark.parametrize(
    ("message", "branch"),
    [
        (SeldonMessage(strData="x"), -1),
        (SeldonMessage(), -1),
        (SeldonMessage.FromString(encode_message(Payload(np.array([2.0, 0.0]), Encoding.NDARRAY))), 2),
        (SeldonMessage.FromString(encode_message(Payload(np.array([[1]]), Encoding.TFTENSOR))), 1),
    ],
)
def test_a_branch_is_the_first_number_of_the_data(message: Any, branch: int) -> None:
    component = Component(message.SerializeToString())
    assert asked(component, lambda unit: step(unit, "route")(ROWS, Context("p"))) == branch


def test_an_empty_branch_is_no_answer() -> None:
    component = Component(encode_message(Payload(np.empty((0, 1)), Encoding.TENSOR)))
    with pytest.raises(BadAnswer, match="Unit `m` returned an empty route"):
        asked(component, lambda unit: step(unit, "route")(ROWS, Context("p")))


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (Payload(np.arange(200_000, dtype=np.float32), Encoding.TFTENSOR), "tftensor"),
        (Payload(b"\x00\xff" * 100_000, Encoding.BYTES), "binData"),
        (Payload(np.array([[1.5]]), Encoding.V2), "tensor"),
        (Payload(np.array([["x", "y"]], dtype=object), Encoding.TF), "ndarray"),
        (Payload({"a": np.array([1.0])}, Encoding.TENSORS), "jsonData"),
    ],
)
def test_what_is_binary_stays_binary_and_what_came_in_another_protocol_is_said_in_this_one(
    payload: Payload, kind: str
) -> None:
    component = Component(GOOD)
    asked(component, lambda unit: step(unit)(payload, Context("p")))
    sent = SeldonMessage.FromString(component.calls[0][2])
    assert (sent.data.WhichOneof("data_oneof") or sent.WhichOneof("data_oneof")) == kind


def test_what_it_says_of_itself_is_asked() -> None:
    said = SeldonModelMetadata(platform="p", versions=["3"], custom={"k": "v"})
    said.inputs.add(name="x", datatype="FP32", shape=[-1, 4])

    async def ask(unit: RemoteUnit) -> Any:
        before = unit.metadata()
        await unit.learn()
        return before, unit.metadata(), await unit.status(), await unit.is_reachable()

    before, after, status, is_reachable = asked(Component(said.SerializeToString()), ask)
    assert (before["name"], before["versions"], before["platform"]) == ("shop/m", ["2"], "")
    assert after == {
        "custom": {"k": "v"},
        "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 4]}],
        "name": "shop/m",
        "outputs": [],
        "platform": "p",
        "versions": ["3"],
    }
    assert (status.data, is_reachable) == ("reachable", True)


@pytest.mark.parametrize(
    ("code", "details", "trailers", "expected"),
    [
        ("INVALID_ARGUMENT", "no such flower", (), (400, "no such flower", "MICROSERVICE_BAD_DATA")),
        ("NOT_FOUND", "gone", (("infergraph-reason", "NO%20FLOWER"),), (404, "gone", "NO FLOWER")),
        ("UNKNOWN", "Exception calling application: boo", (), (500, None, "MICROSERVICE_INTERNAL_ERROR")),
        ("UNAVAILABLE", "busy", (), (503, "busy", "MICROSERVICE_INTERNAL_ERROR")),
        ("DEADLINE_EXCEEDED", "too long", (), (504, "too long", "MICROSERVICE_INTERNAL_ERROR")),
        ("ABORTED", "", (), (409, "the component ended the call with ABORTED", "MICROSERVICE_BAD_DATA")),
    ],
)
def test_what_a_component_refuses_goes_to_the_caller_as_it_is(
    code: str, details: str, trailers: Any, expected: Any
) -> None:
    with pytest.raises(VerbatimStatus) as raised:
        asked(Component((grpc.StatusCode[code], details, trailers)), predict)
    error = raised.value
    status, info, reason = expected
    assert (error.grpc_code, error.http_status, str(error), error.reason) == (code, status, info or details, reason)


@pytest.mark.parametrize(
    ("answer", "error", "told"),
    [
        (b"\xff\xff", BadAnswer, "answered /seldon.protos.Model/Predict with no message"),
        (b"", BadAnswer, "no message: Unknown data"),
        (SeldonMessage(strData="x" * 2000).SerializeToString(), ComponentLost, "more than 1,000 bytes"),
        ((grpc.StatusCode.UNIMPLEMENTED, "what?"), BadAnswer, "does not offer /seldon.protos.Model/Predict: what?"),
    ],
)
def test_an_answer_that_is_none_says_whose_and_why_and_the_next_is_good(
    answer: Any, error: type[Exception], told: str
) -> None:
    async def ask(unit: RemoteUnit) -> Payload:
        with pytest.raises(error, match="Unit `m`") as raised:
            await predict(unit)
        assert told in str(raised.value)
        return await predict(unit)

    assert asked(Component(answer, GOOD), ask, answer_bytes=1000).data.tolist() == [[7.0]]


@contextlib.asynccontextmanager
async def listening(serve: Serve) -> AsyncIterator[int]:
    """A server that serves each connection so; at its end nothing of it is left."""
    running: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await serve(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0.01)  # who has just connected has a task a turn later
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _read_call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Be there, and read until the question has come."""
    writer.write(SETTINGS)
    received = b""
    while encode_message(ROWS) not in received:
        if not (read := await reader.read(4096)):
            return
        received += read


async def closed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _read_call(reader, writer)


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _read_call(reader, writer)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def stream_reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _read_call(reader, writer)
    writer.write(b"\0\0\x04\3\0" + b"\0\0\0\1" + b"\0\0\0\2")  # RST_STREAM of stream 1: INTERNAL_ERROR
    await reader.read()


async def no_http2(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(10)
    writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")


@pytest.mark.parametrize(
    ("serve", "error"),
    [
        (closed, ComponentLost),
        (reset, ComponentLost),
        (stream_reset, ComponentLost),
        (no_http2, ComponentUnreachable),
    ],
)
def test_a_connection_that_fails_is_told_from_an_answer(serve: Serve, error: type[Exception]) -> None:
    async def main() -> None:
        async with listening(serve) as port, calling(port) as unit:
            with pytest.raises(error, match=r"Unit `m`.* at 127.0.0.1:"):
                await predict(unit)

    asyncio.run(asyncio.wait_for(main(), 20))


def test_nobody_there_is_said_at_once_and_the_next_call_finds_who_has_come() -> None:
    async def main() -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        async with calling(port) as unit:
            with pytest.raises(ComponentUnreachable, match=r"Unit `m` cannot be reached at 127.0.0.1:\d+: .*refused"):
                await predict(unit)
            assert not await unit.is_reachable()
            component = Component(GOOD)
            server = grpc.aio.server()
            server.add_generic_rpc_handlers(component._handlers())
            server.add_insecure_port(f"127.0.0.1:{port}")
            await server.start()
            while True:  # gRPC waits half a second at most before it tries again
                try:
                    answer = await predict(unit)
                    break
                except ComponentUnreachable:
                    await asyncio.sleep(0.05)
            assert answer.data.tolist() == [[7.0]]
            await server.stop(0)

    asyncio.run(asyncio.wait_for(main(), 20))


def test_a_call_that_is_given_up_is_given_up_there_too() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def silent() -> bytes:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return b""

    async def ask(unit: RemoteUnit) -> None:
        call = asyncio.create_task(predict(unit))
        await begun.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await ended.wait()

    asked(Component(silent), ask)


def test_a_component_has_its_time_and_knows_it() -> None:
    async def silent() -> bytes:
        await asyncio.sleep(60)
        return b""

    async def ask(unit: RemoteUnit) -> None:
        with pytest.raises(ComponentTooSlow, match=r"within 0\.2 s, .*seldon.io/grpc-timeout"):
            await predict(unit)

    component = Component(silent)
    asked(component, ask, timeout_s=0.2, annotation="seldon.io/grpc-timeout")
    assert component.time_left_s is not None
    assert component.time_left_s < 2
