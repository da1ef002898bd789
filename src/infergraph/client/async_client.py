"""The client for an event loop: `Client` with ``await``."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Self, TypeVar

import msgspec

from infergraph.client.address import Address
from infergraph.client.caller import PROBE_S, Settings, caller_of
from infergraph.client.errors import ClientError
from infergraph.client.exchange import Course, Pause, Send
from infergraph.client.kind import Kind
from infergraph.client.request import AsyncTransport, Reply
from infergraph.client.result import Result
from infergraph.payloads.payload import JsonObject

T = TypeVar("T")
_NONE = Settings()


class AsyncClient:
    """`Client` with ``await``; it belongs to the event loop that it is used in.

    >>> async with AsyncClient("http://127.0.0.1:8000") as client:
    ...     result = await client.predict([[5.1, 3.5, 1.4, 0.2]])
    """

    def __init__(
        self,
        url: str,
        *,
        transport: AsyncTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        **settings: Any,
    ) -> None:
        address, self._caller = caller_of(url, msgspec.structs.replace(_NONE, **settings))
        self._transport = transport or _transport(address)
        self._sleep = sleep

    async def predict(
        self,
        data: Any,
        names: Sequence[str] | None = None,
        *,
        kind: Kind | None = None,
        tags: JsonObject | None = None,
        puid: str = "",
        timeout_s: float | None = None,
    ) -> Result:
        """What the graph answers to data, as `Client.predict`."""
        course = self._caller.predict(data, names, kind=kind, tags=tags, puid=puid, timeout_s=timeout_s)
        return await self._run(course)

    async def feedback(
        self, result: Result, *, reward: float, truth: Any = None, timeout_s: float | None = None
    ) -> JsonObject:
        """Tell the graph how good an answer was, as `Client.feedback`."""
        return await self._run(self._caller.feedback(result, reward, truth, timeout_s))

    async def metadata(self, unit: str = "", *, timeout_s: float | None = None) -> JsonObject:
        """What the graph says of itself, or one unit of it. :raises ClientError: as `predict`."""
        return await self._run(self._caller.metadata(unit, timeout_s))

    async def is_ready(self, *, timeout_s: float = PROBE_S) -> bool:
        """Whether every model is loaded; no, where nothing answers in time."""
        return await self._run(self._caller.is_ready(timeout_s))

    async def is_live(self, *, timeout_s: float = PROBE_S) -> bool:
        """Whether the server answers in time."""
        return await self._run(self._caller.is_live(timeout_s))

    async def wait_ready(self, timeout_s: float = 60.0) -> None:
        """Return when the deployment is ready. :raises Timeout: when it is not in time, with what came last."""
        await self._run(self._caller.wait_ready(timeout_s))

    async def close(self) -> None:
        """Close every connection."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _run(self, course: Course[T]) -> T:
        """Do what a course says, and give it what came of it."""
        try:
            step = next(course)
            while True:
                try:
                    done = await self._do(step)
                except ClientError as error:
                    step = course.throw(error)
                else:
                    step = course.send(done)
        except StopIteration as end:
            result: T = end.value
            return result

    async def _do(self, step: Send | Pause) -> Reply | None:
        if isinstance(step, Send):
            return await self._transport.send(step.request, step.timeouts)
        await self._sleep(step.seconds)
        return None


def _transport(address: Address) -> AsyncTransport:
    if address.is_grpc:
        from infergraph.client.grpc_transport import AsyncGrpcTransport

        return AsyncGrpcTransport(address)
    from infergraph.client.aiohttp_transport import AiohttpTransport

    return AiohttpTransport()
