"""The gRPC side of a gateway: every call of every service, passed on as bytes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import grpc

from infergraph.errors import BadMessage
from infergraph.gateway.copies import Copies
from infergraph.gateway.destination import Destination
from infergraph.gateway.turns import CHOICE, Turns

Metadata = tuple[tuple[str, str | bytes], ...]
_OF_THE_CONNECTION: Final = ("grpc-", ":", "te", "user-agent", "content-type")
_CHANNELS: Final = 4
"""Connections to each predictor: a connection of gRPC's stays with one pod, so one would load one pod only."""
_PAUSE_S: Final = 0.005
"""How long the end of a message may come after it: with most clients it is in the same packet."""


class GrpcRelay(grpc.GenericRpcHandler):
    """A handler for whatever is called. What a client cancels or has no time for any more ends there too."""

    def __init__(self, turns: Turns, copies: Copies) -> None:
        self._turns = turns
        self._copies = copies
        self._channels: dict[str, list[Any]] = {}
        self.running: set[asyncio.Task[Any]] = set()
        self.finished = 0

    def service(self, details: grpc.HandlerCallDetails) -> Any:
        """How a method is answered: all of them alike, for one message is a stream of one."""

        async def answer(messages: AsyncIterator[bytes], context: Any) -> None:
            self._begin()
            to = await self._choose(context)
            await self._pass(details.method, to, _Question(messages), context)

        return grpc.stream_stream_rpc_method_handler(answer)

    async def close(self) -> None:
        """Close the connections to predictors."""
        for channels in self._channels.values():
            for channel in channels:
                await channel.close()

    def _begin(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - gRPC has one for each call
        self.running.add(task)
        task.add_done_callback(self._done)  # when everything is sent, and not only when the handler has returned

    def _done(self, task: asyncio.Task[Any]) -> None:
        self.running.discard(task)
        self.finished += 1

    async def _choose(self, context: Any) -> Destination:
        wishes = [str(value) for name, value in context.invocation_metadata() or () if name == CHOICE]
        try:
            return self._turns.next(*wishes[:1])
        except BadMessage as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
            raise  # never reached: abort raises

    async def _pass(self, method: str, to: Destination, question: "_Question", context: Any) -> None:
        metadata = _passed_on(context.invocation_metadata())
        call = await self._call(method, to, question, metadata, context.time_remaining())
        try:
            await context.send_initial_metadata((*_passed_on(await call.initial_metadata()), (CHOICE, to.name)))
            async for message in call:
                await context.write(message)
        except grpc.aio.AioRpcError:
            pass  # its status is passed on below, as that of a call that ends well is
        finally:
            call.cancel()
            question.close()
        self._send_copy(method, question, metadata)
        trailing = _passed_on(await call.trailing_metadata())
        if (code := await call.code()) is not grpc.StatusCode.OK:
            await context.abort(code, await call.details(), trailing)
        context.set_trailing_metadata(trailing)

    async def _call(
        self, method: str, to: Destination, question: "_Question", metadata: Metadata, time_s: float | None
    ) -> Any:
        """A single message goes in one step with its end: grpc.aio mistakes a refusal in between for an error."""
        channel = self._channel(to)
        if await question.is_single():
            return channel.unary_stream(method)(question.first[0], metadata=metadata, timeout=time_s)
        return channel.stream_stream(method)(question.all(), metadata=metadata, timeout=time_s)

    def _channel(self, to: Destination) -> Any:
        """One of those to a predictor, each in its turn."""
        if to.name not in self._channels:
            options = [
                ("grpc.max_receive_message_length", -1),
                ("grpc.max_send_message_length", -1),
                ("grpc.use_local_subchannel_pool", 1),  # else they would share one connection
            ]
            self._channels[to.name] = [grpc.aio.insecure_channel(to.grpc_address, options) for _ in range(_CHANNELS)]
        channels = self._channels[to.name]
        channels.append(channels.pop(0))
        return channels[-1]

    def _send_copy(self, method: str, question: "_Question", metadata: Metadata) -> None:
        """A call with one message is copied; a stream may have no end."""
        if (shadow := self._turns.copy()) is None or len(question.first) != 1 or not self._copies.has_room():
            return
        copy = self._channel(shadow).unary_stream(method)(question.first[0], metadata=metadata)
        self._copies.send(_finished(copy))


class _Question:
    """What a client sends, with the first messages kept."""

    def __init__(self, messages: AsyncIterator[bytes]) -> None:
        self._messages = messages
        self._next: asyncio.Future[bytes | None] | None = None
        self.first: list[bytes] = []

    async def is_single(self) -> bool:
        """Whether it is one message and ends with it; what is sent with a pause between is taken for a stream."""
        if (message := await self._read()) is None:
            return False
        self.first.append(message)
        self._next = asyncio.ensure_future(self._read())
        await asyncio.wait([self._next], timeout=_PAUSE_S)
        return self._next.done() and self._next.result() is None

    async def all(self) -> AsyncIterator[bytes]:
        for first in self.first:
            yield first
        message = await self._next if self._next else None
        while message is not None:
            if len(self.first) < 2:
                self.first.append(message)
            yield message
            message = await self._read()

    def close(self) -> None:
        """Wait for nothing more."""
        if self._next is not None:
            self._next.cancel()

    async def _read(self) -> bytes | None:
        return await anext(self._messages, None)


async def _finished(call: Any) -> None:
    async for _ in call:
        pass


def _passed_on(metadata: Any) -> Metadata:
    return tuple(
        (name, value) for name, value in metadata or () if not name.startswith(_OF_THE_CONNECTION) and name != CHOICE
    )
