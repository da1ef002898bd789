"""Callers who open more than they use: they disturb nobody, and nothing of them is left."""

import asyncio
from typing import Any

import grpc
import pytest
from tritonclient.grpc import service_pb2

from tests.servers.grpc_serving import GrpcServing, grpc_serving
from tests.servers.test_grpc_v2 import V2, request, values

pytestmark = pytest.mark.usefixtures("each_grpc_server")

COUNT = 1000
ASKED = request(1).SerializeToString()


async def is_answered(channel: grpc.aio.Channel) -> bool:
    ask: Any = channel.unary_unary(f"{V2}/ModelInfer")
    return values(service_pb2.ModelInferResponse.FromString(await ask(ASKED, timeout=20))) == [1]


def assert_nobody_is_left(running: GrpcServing) -> None:
    """Wait, in the server's own loop, until it has heard of everybody who left."""
    assert running.server is not None
    calls = running.server._calls.running

    async def wait() -> None:
        async with asyncio.timeout(20):
            while calls:
                await asyncio.wait({*calls})

    asyncio.run_coroutine_threadsafe(wait(), running.loop).result(30)


def test_a_thousand_streams_on_which_nothing_is_asked() -> None:
    async def flood(running: GrpcServing) -> None:
        async with grpc.aio.insecure_channel(running.address) as channel:
            streams: list[Any] = [channel.stream_stream(f"{V2}/ModelStreamInfer")() for _ in range(COUNT)]
            await asyncio.gather(*(stream.initial_metadata() for stream in streams))  # each has reached the server
            assert await is_answered(channel)
            await streams[-1].write(ASKED)
            assert service_pb2.ModelStreamInferResponse.FromString(await streams[-1].read()).infer_response.outputs
            for stream in streams:
                stream.cancel()
            assert await is_answered(channel)

    with grpc_serving() as (running, _):
        asyncio.run(flood(running))
        assert_nobody_is_left(running)


def test_a_thousand_calls_that_are_taken_back_at_once() -> None:
    async def flood(running: GrpcServing) -> None:
        async with grpc.aio.insecure_channel(running.address) as channel:
            for round_ in range(10):
                calls: list[Any] = [channel.unary_unary(f"{V2}/ModelInfer")(ASKED) for _ in range(COUNT // 10)]
                if round_ % 2:
                    await asyncio.sleep(0)  # some are sent before they are taken back
                for call in calls:
                    call.cancel()
            assert await is_answered(channel)

    with grpc_serving() as (running, _):
        asyncio.run(flood(running))
        assert_nobody_is_left(running)
