"""Requests over gRPC: bytes to a method, bytes back."""

from typing import Any

from infergraph.client.address import Address
from infergraph.client.errors import ClientError, ConnectionFailed, ConnectionLost, Timeout
from infergraph.client.request import Reply, Request, Timeouts

# The HTTP status that each code stands for (google.rpc.Code).
_STATUS = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "UNIMPLEMENTED": 405,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 413,
    "CANCELLED": 499,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
_OUT_OF_TIME = ("Deadline Exceeded", "Stream removed (Deadline Exceeded)")  # gRPC's own words, not the server's
_OPTIONS = (("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1))


class GrpcTransport:
    """One channel, which any thread may use. :raises ClientError: when gRPC is not installed."""

    def __init__(self, address: Address) -> None:
        grpc = _grpc()
        self._error = grpc.RpcError
        self._where = address.base
        self._channel = _channel(grpc, grpc, address)

    def send(self, request: Request, timeouts: Timeouts) -> Reply:
        """The whole answer."""
        call = self._channel.unary_unary(request.url)
        try:
            answer, done = call.with_call(
                request.body, metadata=tuple(request.headers.items()), timeout=timeouts.total_s
            )
        except self._error as error:
            return failed(error, error.initial_metadata(), error.trailing_metadata(), self._where, timeouts)
        return Reply(200, _headers(done.initial_metadata()), answer)

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()


class AsyncGrpcTransport:
    """The same for an event loop."""

    def __init__(self, address: Address) -> None:
        self._grpc = _grpc()
        self._address = address
        self._channel: Any = None

    async def send(self, request: Request, timeouts: Timeouts) -> Reply:
        """The whole answer."""
        if self._channel is None:  # where there is an event loop
            self._channel = _channel(self._grpc, self._grpc.aio, self._address)
        metadata = tuple(request.headers.items())
        call = self._channel.unary_unary(request.url)(request.body, metadata=metadata, timeout=timeouts.total_s)
        try:
            answer = await call
        except self._grpc.aio.AioRpcError as error:
            first, last = error.initial_metadata(), error.trailing_metadata()
            return failed(error, first, last, self._address.base, timeouts)
        return Reply(200, _headers(await call.initial_metadata()), answer)

    async def close(self) -> None:
        """Close the channel."""
        if self._channel is not None:
            await self._channel.close()
            self._channel = None


def failed(error: Any, first: Any, last: Any, where: str, timeouts: Timeouts) -> Reply:
    """The reply that a failed call is, when the server failed it.

    :raises ClientError: when it was the connection, or the time was over.
    """
    code, details = error.code().name, error.details() or ""
    if details in _OUT_OF_TIME:
        raise Timeout(f"{where}: no answer within {timeouts.total_s:.3g} s") from error
    headers = {**_headers(first), **_headers(last), "grpc-code": code}
    if code == "UNAVAILABLE" and not first:  # a server that answers begins with its metadata
        if details.startswith("failed to connect") or "DNS" in details:
            raise ConnectionFailed(f"{where}: no connection: {details}") from error
        raise ConnectionLost(f"{where}: the connection ended before the answer was there: {details}") from error
    return Reply(_STATUS.get(code, 500), headers, b"", details)


def _grpc() -> Any:
    try:
        import grpc
        import grpc.aio
    except ImportError:
        raise ClientError("grpc:// needs gRPC: pip install 'infergraph[grpc]'") from None
    return grpc


def _channel(grpc: Any, kind: Any, address: Address) -> Any:
    if address.scheme == "grpcs":
        return kind.secure_channel(address.host, grpc.ssl_channel_credentials(), options=_OPTIONS)
    return kind.insecure_channel(address.host, options=_OPTIONS)


def _headers(metadata: Any) -> dict[str, str]:
    return {key: value for key, value in metadata or () if isinstance(value, str)}
