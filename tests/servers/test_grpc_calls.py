"""The calls of the seldon protocol over gRPC: what reaches the graph, what comes back, and how calls end."""

import asyncio
import threading
from collections import Counter
from typing import Any

import grpc
import pytest
from grpc import StatusCode

from infergraph.errors import BadAnswer, ComponentFailed, QueueFull, VerbatimAnswer
from infergraph.graph.context import Context
from infergraph.payloads import Encoding, Meta, Payload
from infergraph.servers.grpc_server import GrpcServerKind
from infergraph.servers.limits import Limits
from tests.servers.grpc_serving import grpc_serving, refusals_of_metadata, target
from tests.stubs import rows, seldon, stubs

pytestmark = pytest.mark.usefixtures("each_grpc_server")

PREDICT = "/seldon.protos.Seldon/Predict"


def text(value: str = "x") -> Any:
    return stubs().messages.SeldonMessage(strData=value)


def failed(call: Any, *arguments: Any, **options: Any) -> grpc.RpcError:
    """The error of a call that has to fail."""
    with pytest.raises(grpc.RpcError) as raised:
        call(*arguments, timeout=options.pop("timeout", 20), **options)
    return raised.value


def ended(error: Any) -> tuple[StatusCode, str]:
    return error.code(), error.details()


def test_a_message_there_and_back() -> None:
    with grpc_serving() as (_, channel):
        assert seldon(channel).Predict(rows([1, 2])) == rows([1, 2]).__class__(data=rows([1, 2]).data, meta={})


def test_an_asyncio_client() -> None:
    async def many(address: str) -> list[str]:
        async with grpc.aio.insecure_channel(address) as channel:
            answers = await asyncio.gather(*(seldon(channel).Predict(text(str(n))) for n in range(100)))
        return [answer.strData for answer in answers]

    with grpc_serving() as (running, _):
        assert asyncio.run(many(running.address)) == [str(n) for n in range(100)]


def test_the_graph_knows_the_requests_id_and_metadata() -> None:
    async def known(payload: Payload, context: Context) -> Payload:
        headers = dict(context.headers)
        return Payload(f"{context.puid} {headers[b'a']!r} {headers[b'b-bin']!r}", payload.encoding)

    with grpc_serving(target(known)) as (_, channel):
        metadata = (("seldon-puid", "mine"), ("a", "1"), ("b-bin", b"\0"))
        answer, call = seldon(channel).Predict.with_call(text(), metadata=metadata)
    assert answer.strData == "mine b'1' b'\\x00'"
    assert dict(call.initial_metadata())["seldon-puid"] == "mine"


def test_a_request_without_id_gets_one_and_a_bad_one_is_replaced() -> None:
    with grpc_serving() as (_, channel):
        for metadata in ((), (("seldon-puid", "x" * 257),)):
            _, call = seldon(channel).Predict.with_call(text(), metadata=metadata)
            assert len(dict(call.initial_metadata())["seldon-puid"]) == 36


def test_the_answer_says_which_way_it_went() -> None:
    async def routed(payload: Payload, context: Context) -> Payload:
        context.routing["a"] = 1
        return Payload(payload.data, payload.encoding, [], Meta(routing={"remote": 0}))

    with grpc_serving(target(routed)) as (_, channel):
        assert dict(seldon(channel).Predict(text()).meta.routing) == {"remote": 0, "a": 1}


def test_the_graph_is_a_model_too() -> None:
    with grpc_serving() as (_, channel):
        assert stubs().services.ModelStub(channel).Predict(text("m")).strData == "m"
        for service in ("Model", "Router", "Generic", "Seldon"):
            stub = getattr(stubs().services, f"{service}Stub")(channel)
            assert stub.SendFeedback(stubs().messages.Feedback(reward=1)) == stubs().messages.SeldonMessage()


@pytest.mark.parametrize(
    ("service", "method"),
    [
        ("Router", "Route"),
        ("Transformer", "TransformInput"),
        ("OutputTransformer", "TransformOutput"),
        ("Combiner", "Aggregate"),
        ("Generic", "Route"),
    ],
)
def test_what_only_a_unit_can_be_asked_says_so(service: str, method: str) -> None:
    message = stubs().messages.SeldonMessageList() if method == "Aggregate" else text()
    with grpc_serving() as (_, channel):
        error = failed(getattr(getattr(stubs().services, f"{service}Stub")(channel), method), message)
    details = f"{service}.{method} asks one unit, and this is the whole graph of one; call Seldon.Predict"
    assert ended(error) == (StatusCode.UNIMPLEMENTED, details)


@pytest.mark.parametrize("path", ["/seldon.protos.Seldon/Explain", "/inference.Nothing/Predict", "/a"])
def test_an_unknown_service_or_method(path: str) -> None:
    with grpc_serving() as (_, channel):
        assert failed(channel.unary_unary(path), b"").code() is StatusCode.UNIMPLEMENTED
        assert seldon(channel).Predict(text()).strData == "x"


@pytest.mark.parametrize("body", [b"\xff\xff", b"\x1a\x7f\x01", b'{"data":{}}', b""])
def test_bytes_that_are_no_message_are_the_callers_mistake(body: bytes) -> None:
    with grpc_serving() as (_, channel):
        code, details = ended(failed(channel.unary_unary(PREDICT), body))
        assert code is StatusCode.INVALID_ARGUMENT
        assert "SeldonMessage" in details
        assert seldon(channel).Predict(text()).strData == "x"


def test_before_everything_is_loaded_a_caller_may_come_again() -> None:
    with grpc_serving(target(None)) as (_, channel):
        code, details = ended(failed(seldon(channel).Predict, text()))
        assert (code, "loading" in details) == (StatusCode.UNAVAILABLE, True)
        assert failed(seldon(channel).SendFeedback, stubs().messages.Feedback()).code() is StatusCode.UNAVAILABLE


@pytest.mark.parametrize(
    ("metadata", "answer"),
    [
        ({"seldon": "one", "namespace": "a"}, "one in a"),
        ({"seldon": "one", "namespace": "b"}, "one in b"),
        ({"seldon": "two"}, "two in a"),
        ({"namespace": "b"}, "one in b"),
        ({}, "Several deployments are meant by metadata without either"),
        ({"seldon": "one"}, "Several deployments are meant by metadata seldon: one;"),
        ({"seldon": "three"}, "No deployment is meant by metadata seldon: three; name one with seldon and namespace: "),
        ({"seldon": "two", "namespace": "b"}, "one in a, one in b, two in a"),
    ],
)
def test_metadata_chooses_the_deployment(metadata: dict[str, str], answer: str) -> None:
    def naming(name: str, namespace: str) -> Any:
        async def predict(payload: Payload, _: Context) -> Payload:
            return Payload(f"{name} in {namespace}", payload.encoding)

        return target(predict, name=name, namespace=namespace)

    with grpc_serving(naming("one", "a"), naming("one", "b"), naming("two", "a")) as (_, channel):
        try:
            assert seldon(channel).Predict(text(), metadata=tuple(metadata.items())).strData == answer
        except grpc.RpcError as error:
            code, details = ended(error)
            assert code is StatusCode.NOT_FOUND
            assert answer in details


def test_a_single_deployment_that_is_called_by_another_name() -> None:
    with grpc_serving() as (_, channel):
        assert seldon(channel).Predict(text(), metadata=(("seldon", "one"), ("namespace", "default"))).strData == "x"
        error = failed(seldon(channel).Predict, text(), metadata=(("seldon", "other"),))
        assert ended(error)[0] is StatusCode.NOT_FOUND
        assert "one in default" in ended(error)[1]


@pytest.mark.parametrize(
    ("error", "code", "details"),
    [
        (ComponentFailed("bad value", unit="m"), StatusCode.INTERNAL, "bad value"),
        (ComponentFailed("mine", unit="m", status=400), StatusCode.INVALID_ARGUMENT, "mine"),
        (ComponentFailed("mine", unit="m", status=418), StatusCode.INVALID_ARGUMENT, "mine"),
        (ComponentFailed("mine", unit="m", status=404), StatusCode.NOT_FOUND, "mine"),
        (ComponentFailed("mine", unit="m", status=503), StatusCode.UNAVAILABLE, "mine"),
        (ComponentFailed("mine", unit="m", status=599), StatusCode.INTERNAL, "mine"),
        (BadAnswer("no such branch"), StatusCode.INTERNAL, "no such branch"),
        (QueueFull("full"), StatusCode.RESOURCE_EXHAUSTED, "full"),
        (VerbatimAnswer(403, b'{"status":{"info":"not you"}}'), StatusCode.PERMISSION_DENIED, "not you"),
        (VerbatimAnswer(403, b"[]"), StatusCode.PERMISSION_DENIED, "the component answered 403"),
        (ZeroDivisionError("by zero"), StatusCode.INTERNAL, "ZeroDivisionError: by zero (request p)"),
        (ValueError("\ud800ü"), StatusCode.INTERNAL, "ValueError: \\ud800ü (request p)"),
    ],
)
def test_errors_have_a_code_and_words(error: Exception, code: StatusCode, details: str) -> None:
    async def failing(_: Payload, __: Context) -> Payload:
        raise error

    with grpc_serving(target(failing)) as (_, channel):
        raised: Any = failed(seldon(channel).Predict, text(), metadata=(("seldon-puid", "p"),))
    assert ended(raised) == (code, details)
    # The native kind says it with the end of the call.
    assert dict(raised.initial_metadata() or raised.trailing_metadata())["seldon-puid"] == "p"
    assert dict(raised.trailing_metadata()).get("infergraph-unit") == (
        "m" if isinstance(error, ComponentFailed) else None
    )


def test_an_error_of_many_words_is_cut_so_that_it_arrives() -> None:
    async def failing(_: Payload, __: Context) -> Payload:
        raise ValueError("é" * 3_000)

    with grpc_serving(target(failing)) as (_, channel):
        code, details = ended(failed(seldon(channel).Predict, text()))
    assert code is StatusCode.INTERNAL
    assert details.startswith("ValueError: éé")
    assert details.endswith("…")


def test_a_component_that_answers_with_a_good_status_of_its_own() -> None:
    async def made(_: Payload, __: Context) -> Payload:
        raise VerbatimAnswer(201, b'{"status":{"code":201},"strData":"made"}')

    with grpc_serving(target(made)) as (_, channel):
        answer = seldon(channel).Predict(text())
    assert (answer.strData, answer.status.code) == ("made", 201)


def test_an_answer_that_cannot_be_said() -> None:
    async def odd(_: Payload, __: Context) -> Payload:
        return Payload({"a": object()}, Encoding.JSON)

    with grpc_serving(target(odd)) as (_, channel):
        assert failed(seldon(channel).Predict, text()).code() is StatusCode.INTERNAL


def test_a_message_over_the_limit() -> None:
    with grpc_serving(target(message_bytes=50_000)) as (_, channel):
        code, details = ended(failed(seldon(channel).Predict, text("x" * 60_000)))
        assert (code, "50000" in details) == (StatusCode.RESOURCE_EXHAUSTED, True)
        assert seldon(channel).Predict(text("x" * 49_000)).strData


def test_each_deployment_has_a_limit_of_its_own() -> None:
    small, large = target(message_bytes=100), target(name="two", message_bytes=50_000)
    with grpc_serving(small, large) as (_, channel):
        message = text("x" * 1000)
        assert seldon(channel).Predict(message, metadata=(("seldon", "two"),)).strData
        code, details = ended(failed(seldon(channel).Predict, message, metadata=(("seldon", "one"),)))
    assert code is StatusCode.RESOURCE_EXHAUSTED
    assert "at most 100 bytes here, and this one has 1003" in details


def test_a_large_message_passes_where_it_may() -> None:
    options = [("grpc.max_receive_message_length", -1)]
    with (
        grpc_serving(target(message_bytes=2**26)) as (running, _),
        grpc.insecure_channel(running.address, options) as own,
    ):
        assert len(seldon(own).Predict(text("x" * 20_000_000)).strData) == 20_000_000


def test_metadata_over_the_limit(each_grpc_server: GrpcServerKind) -> None:
    with grpc_serving() as (_, channel):
        for size in (100_000, 1_000_000):
            error = failed(seldon(channel).Predict, text(), metadata=(("a", "x" * size),))
            assert error.code() in refusals_of_metadata(each_grpc_server)
        assert seldon(channel).Predict(text(), metadata=(("a", "x" * 30_000),)).strData == "x"


def test_a_deadline_in_the_past() -> None:
    with grpc_serving() as (_, channel):
        assert failed(seldon(channel).Predict, text(), timeout=-1).code() is StatusCode.DEADLINE_EXCEEDED
        assert seldon(channel).Predict(text()).strData == "x"


class Held:
    """A graph that waits until it is let go, and notes who was cancelled."""

    def __init__(self) -> None:
        self.has_begun = threading.Semaphore(0)
        self.was_cancelled = threading.Semaphore(0)
        self.go = asyncio.Event()

    async def __call__(self, payload: Payload, _: Context) -> Payload:
        self.has_begun.release()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.was_cancelled.release()
            raise
        return payload


def test_a_caller_that_leaves_disturbs_nobody() -> None:
    held = Held()
    with grpc_serving(target(held)) as (running, channel):
        leaving, staying = (seldon(channel).Predict.future(text(str(n)), timeout=20) for n in range(2))
        assert held.has_begun.acquire(timeout=20)
        assert held.has_begun.acquire(timeout=20)
        leaving.cancel()
        assert held.was_cancelled.acquire(timeout=20)
        running.loop.call_soon_threadsafe(held.go.set)
        assert staying.result().strData == "1"


def test_a_callers_deadline_ends_what_runs_for_it_and_disturbs_nobody() -> None:
    held = Held()
    with grpc_serving(target(held)) as (running, channel):
        staying = seldon(channel).Predict.future(text("stays"), timeout=20)
        assert failed(seldon(channel).Predict, text(), timeout=0.2).code() is StatusCode.DEADLINE_EXCEEDED
        assert held.was_cancelled.acquire(timeout=20)
        running.loop.call_soon_threadsafe(held.go.set)
        assert staying.result().strData == "stays"


def test_the_deadline_of_the_annotation() -> None:
    held = Held()
    with grpc_serving(target(held, timeout_s=0.05)) as (_, channel):
        code, details = ended(failed(seldon(channel).Predict, text()))
    assert (code, held.was_cancelled.acquire(timeout=20)) == (StatusCode.DEADLINE_EXCEEDED, True)
    assert details == "No answer within 0.05 s, the limit that annotation seldon.io/grpc-timeout sets"


def test_a_drain_answers_what_runs() -> None:
    held = Held()
    with grpc_serving(target(held)) as (running, channel):
        calls = [seldon(channel).Predict.future(text(str(n)), timeout=20) for n in range(20)]
        for _ in calls:
            assert held.has_begun.acquire(timeout=20)
        running.drain()
        running.loop.call_soon_threadsafe(held.go.set)
        assert [call.result().strData for call in calls] == [str(n) for n in range(20)]
        running.join()


@pytest.mark.parametrize("is_forced", [False, True])
def test_what_the_drain_cannot_wait_for_is_refused(is_forced: bool) -> None:
    held = Held()
    limits = Limits(drain_s=60 if is_forced else 0.2, drain_grace_s=0.05)
    with grpc_serving(target(held), limits=limits) as (running, channel):
        calls = [seldon(channel).Predict.future(text(), timeout=20) for _ in range(5)]
        for _ in calls:
            assert held.has_begun.acquire(timeout=20)
        running.drain()
        if is_forced:
            running.stop()
        errors: Any = [call.exception() for call in calls]
        assert Counter(map(ended, errors)) == {
            (StatusCode.UNAVAILABLE, "The server is going down, and this request was not done in time"): 5
        }
        running.join()
