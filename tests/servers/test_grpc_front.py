"""The native front: what is different from grpc.aio, and that it ends as well. The rest is tested with both."""

import asyncio
import tempfile
import threading
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc import StatusCode

from infergraph.errors import SetupError
from infergraph.graph.context import Context
from infergraph.payloads import Payload
from infergraph.servers import grpc_front
from infergraph.servers.grpc_front import Front
from infergraph.servers.grpc_server import GrpcServerKind
from infergraph.servers.limits import Limits
from tests.servers import grpc_serving as servings
from tests.servers.grpc_serving import grpc_serving, target
from tests.servers.test_grpc_calls import ended, failed, text
from tests.stubs import seldon

HELD_S = 20


@pytest.fixture(autouse=True)
def native(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pygrpc_native")
    monkeypatch.setattr(servings, "KIND", GrpcServerKind.NATIVE)


def front_of(running: servings.GrpcServing) -> Front:
    assert running.server is not None
    assert running.server._front is not None
    return running.server._front


def test_nothing_is_left_at_its_end() -> None:
    with grpc_serving() as (running, channel):
        assert seldon(channel).Predict(text()).strData == "x"
        front = front_of(running)
        assert Path(front.behind).exists()
    assert not Path(front.behind).parent.exists()
    assert not [thread for thread in threading.enumerate() if thread.name == "grpc-front"]
    assert front._tasks == {}


def test_a_thousand_calls_at_a_time_each_get_their_own_answer() -> None:
    async def many(address: str) -> list[str]:
        async with grpc.aio.insecure_channel(address) as channel:
            answers = await asyncio.gather(*(seldon(channel).Predict(text(str(n)), timeout=40) for n in range(1000)))
        return [answer.strData for answer in answers]

    with grpc_serving() as (running, _):
        assert asyncio.run(many(running.address)) == [str(n) for n in range(1000)]


def test_a_call_that_comes_while_others_are_finished_is_told_to_call_again() -> None:
    has_begun, may_go = threading.Event(), asyncio.Event()

    async def held(payload: Payload, _: Context) -> Payload:
        has_begun.set()
        await may_go.wait()
        return payload

    with grpc_serving(target(held)) as (running, channel):
        first = seldon(channel).Predict.future(text(), timeout=HELD_S)
        assert has_begun.wait(HELD_S)
        running.drain()
        while not front_of(running)._is_draining:
            assert not first.done()
        code, details = ended(failed(seldon(channel).Predict, text()))
        assert (code, details) == (StatusCode.UNAVAILABLE, "The server is going down; call again")
        running.loop.call_soon_threadsafe(may_go.set)
        assert first.result().strData == "x"


def test_a_failure_of_the_handler_itself_is_an_answer() -> None:
    async def broken(_: bytes, __: Any) -> bytes:
        raise ValueError("no")

    with grpc_serving() as (running, channel):
        front = front_of(running)
        running.loop.call_soon_threadsafe(running.loop.set_exception_handler, lambda _, __: None)
        front._methods[:] = [broken] * len(front._methods)
        assert ended(failed(seldon(channel).Predict, text())) == (StatusCode.INTERNAL, "ValueError")


def test_a_compression_that_it_does_not_know() -> None:
    with grpc_serving() as (_, channel):
        error = failed(seldon(channel).Predict, text("x" * 1000), compression=grpc.Compression.Deflate)
        assert error.code() is StatusCode.UNIMPLEMENTED
        assert seldon(channel).Predict(text("x" * 1000), compression=grpc.Compression.Gzip).strData == "x" * 1000


def test_a_port_in_use_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with grpc_serving() as (running, _):
        before = list(tmp_path.iterdir())
        with pytest.raises(SetupError, match="choose another with --grpc-port"):
            Front(running.address, {}, Limits(), is_port_shared=False)
        assert list(tmp_path.iterdir()) == before


def test_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grpc_front, "pygrpc_native", None)
    with pytest.raises(SetupError, match="grpc-native"):
        Front("127.0.0.1:0", {}, Limits(), is_port_shared=False)
