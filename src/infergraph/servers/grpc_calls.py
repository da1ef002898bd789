"""The calls of the gRPC server: how each begins, and how it ends.

Handlers take and give bytes, so that a message which cannot be read is the caller's mistake in words, and not a failure
of the server.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import grpc

from infergraph.errors import MethodNotAllowed, NotReady
from infergraph.graph import Context
from infergraph.servers.grpc_status import Failure, code_name, failure_of
from infergraph.servers.grpc_target import Directory, GrpcTarget
from infergraph.servers.headers import puid_of
from infergraph.telemetry.timings import Timings

PUID = "seldon-puid"
OK = code_name(grpc.StatusCode.OK)
UNARY, STREAM = "unary", "stream"
"""What metrics have of gRPC where REST has the HTTP method; the first is SELDON_V1 §7.1's."""

Call = Callable[[GrpcTarget, bytes, Context], Awaitable[bytes]]
"""Asks one deployment."""
StreamCall = Callable[[GrpcTarget, bytes, Context], Awaitable[tuple[bytes, Failure | None]]]
"""Asks one deployment in a stream; what fails is said in the answer, and comes beside it."""
ServerCall = Callable[[Sequence[GrpcTarget], bytes], bytes]
"""Asks the server as a whole, or those deployments of it that the metadata name."""
Finish = Callable[..., None]
"""Ends the measuring of a request, with a code and the reason of a refusal."""
Method: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Service: TypeAlias = dict[str, Method]
"""The methods of a service, by name."""


class Calls:
    """The running calls of a server, and how each begins and ends."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self.running: set[asyncio.Task[Any]] = set()
        self.finished = 0
        self._idle: set[asyncio.Task[Any]] = set()
        self._ended: set[asyncio.Task[Any]] = set()
        self._is_draining = False

    def unary(self, call: Call, path: str) -> Method:
        """A method that asks one deployment: the request gets its id, and what the call raises is answered.

        ``path`` is the method's own, under which it is measured.
        """

        async def handle(request: bytes, context: Any) -> bytes:
            metadata, named, puid = self._begun(context)
            meter, timings = self._directory.meter, Timings()
            try:
                await context.send_initial_metadata(((PUID, puid),))
                target = self._directory.find(named)
                meter = target.served.metrics.requests(path)
                timings = meter.start()
                timings.received_s = timings.started_s
                target.check_size(request)
                answer = await call(target, request, Context(puid, _headers(metadata), timings))
            except (Exception, asyncio.CancelledError) as error:
                await self._abort(error, context, puid, partial(meter.finish, timings, UNARY))
                raise  # never reached: abort raises
            meter.finish(timings, UNARY, OK)
            return answer

        return grpc.unary_unary_rpc_method_handler(handle)

    def of_server(self, call: ServerCall) -> Method:
        """A method that asks the server."""

        async def handle(request: bytes, context: Any) -> bytes:
            _, named, puid = self._begun(context)
            try:
                await context.send_initial_metadata(((PUID, puid),))
                return call(self._directory.all_of(named), request)
            except (Exception, asyncio.CancelledError) as error:
                await self._abort(error, context, puid, partial(self._directory.meter.finish, Timings(), UNARY))
                raise  # never reached: abort raises

        return grpc.unary_unary_rpc_method_handler(handle)

    def stream(self, call: StreamCall, path: str) -> Method:
        """A method that asks one deployment as often as the caller likes; each request is measured by itself.

        The next request is read when the answer to the one before is on its way: so answers come in order, and who
        does not read them is not read from.
        """

        async def handle(_: Any, context: Any) -> None:
            metadata, named, puid = self._begun(context)
            headers = _headers(metadata)
            meter, timings = nobody, _ = self._directory.meter, Timings()
            try:
                await context.send_initial_metadata(((PUID, puid),))
                target = self._directory.find(named)
                while (request := await self._next(context)) is not grpc.aio.EOF:
                    meter = target.served.metrics.requests(path)
                    timings = meter.start()
                    timings.received_s = timings.started_s
                    answer, failure = await call(target, request, Context(puid, headers, timings))
                    _finish(partial(meter.finish, timings, STREAM), failure)
                    meter = nobody
                    await context.write(answer)
                    self.finished += 1
            except (Exception, asyncio.CancelledError) as error:
                await self._abort(error, context, puid, partial(meter.finish, timings, STREAM))
                raise  # never reached: abort raises

        return grpc.stream_stream_rpc_method_handler(handle)

    def refusal(self, why: str) -> Method:
        """A method that clients know and that is not offered, for the reason that the sentence says."""

        def refuse(_: Sequence[GrpcTarget], __: bytes) -> bytes:
            raise MethodNotAllowed(why, allowed="")

        return self.of_server(refuse)

    def drain(self) -> None:
        """End the streams on which nothing is asked; the others end after the answer that is being made."""
        self._is_draining = True
        self._cancel(self._idle)

    async def end(self) -> None:
        """End what still runs; its callers hear that the server is going down."""
        self._cancel(self.running)
        if self.running:
            await asyncio.wait(self.running)

    def _cancel(self, tasks: set[asyncio.Task[Any]]) -> None:
        for task in tasks:
            self._ended.add(task)
            task.cancel()

    def _begun(self, context: Any) -> tuple[Any, dict[str, str], str]:
        """A new call: its metadata, those of them that are text, and its id."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - gRPC has one for each call
        self.running.add(task)
        task.add_done_callback(self._done)  # when everything is sent, and not only when the handler has returned
        metadata = context.invocation_metadata()
        named = {key: value for key, value in metadata if isinstance(value, str)}
        return metadata, named, puid_of(named.get(PUID, ""))

    async def _next(self, context: Any) -> Any:
        """The next request of a stream. :raises NotReady: when the server goes down before there is one."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - gRPC has one for each call
        if self._is_draining:
            raise NotReady("The server is going down; open the stream again with another")
        self._idle.add(task)
        try:
            return await context.read()
        finally:
            self._idle.discard(task)

    async def _abort(self, error: BaseException, context: Any, puid: str, finish: Finish) -> None:
        """End a call that raised."""
        if isinstance(error, asyncio.CancelledError) and asyncio.current_task() not in self._ended:
            finish(code_name(grpc.StatusCode.CANCELLED))
            raise error  # the caller has gone, or its deadline has passed
        failure = failure_of(error, puid)
        _finish(finish, failure)
        await context.abort(failure.code, failure.details, failure.trailers)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self.running.discard(task)
        self._ended.discard(task)
        self.finished += 1


def _finish(finish: Finish, failure: Failure | None) -> None:
    if failure is None:
        finish(OK)
    else:
        finish(code_name(failure.code), failure.refusal)


def _headers(metadata: Any) -> list[tuple[bytes, bytes]]:
    return [(key.encode(), value if isinstance(value, bytes) else value.encode()) for key, value in metadata]
