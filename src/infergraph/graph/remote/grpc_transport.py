"""gRPC calls of components, over one channel for each."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import msgspec

from infergraph.errors import LoadError
from infergraph.graph.remote.calls import CallLimits
from infergraph.graph.remote.failure import CallFailed, NotConnected

LONGEST_BACKOFF_MS = 500
"""Between two tries of gRPC's own to connect; so long calls can still fail when a component is there again."""
GRACE_S = 1.0
"""What a component is told to have more than it has: this side ends a call first, and knows why."""

_REASON = "infergraph-reason"
# How gRPC begins to say what it has found itself, and no component has said; earlier versions say it without "removed".
_NOT_CONNECTED = ("failed to connect", "errors resolving", "DNS resolution failed")
_TOO_LARGE = "CLIENT: Received message larger than max"
_LOST = (
    *("Stream removed (", "Socket closed", "recvmsg:", "sendmsg:", "Connection reset", "Broken pipe", "GOAWAY"),
    *("Received RST_STREAM", "RST_STREAM", "Endpoint closing", "Transport closed", "keepalive watchdog", _TOO_LARGE),
)

Metadata = Sequence[tuple[str, str | bytes]]


class GrpcAnswer(msgspec.Struct, frozen=True):
    """How a call ended: with a message, or with a status whose ``code`` is not empty.

    ``reason`` is the component's own word for why, if it has one.
    """

    body: bytes = b""
    code: str = ""
    details: str = ""
    reason: str = ""


class GrpcTransport:
    """Calls components over grpc.aio. It belongs to the event loop of its first call.

    A call that never left this process is sent again by gRPC, and no other.

    :raises LoadError: when gRPC is not installed.
    """

    def __init__(self) -> None:
        try:
            import grpc.aio
        except ImportError:
            raise LoadError(
                "a unit is called over gRPC, which is not installed; pip install 'infergraph[grpc]' brings it"
            ) from None
        self._grpc = grpc
        self._channels: dict[tuple[str, CallLimits], Any] = {}
        self._methods: dict[tuple[str, CallLimits, str], Any] = {}

    async def send(self, target: str, path: str, metadata: Metadata, body: bytes, *, limits: CallLimits) -> GrpcAnswer:
        """The answer of the component at ``target``.

        :raises NotConnected: when there is no connection.
        :raises CallFailed: when the connection ends before the answer is whole, or the answer is too large.
        """
        method = self._methods.get((target, limits, path)) or self._method(target, limits, path)
        timeout_s = None if limits.timeout_s is None else limits.timeout_s + GRACE_S
        try:
            return GrpcAnswer(await method(body, metadata=metadata, timeout=timeout_s))
        except self._grpc.aio.AioRpcError as error:
            return _ended(error, limits)

    async def close(self) -> None:
        """Close every channel."""
        channels = list(self._channels.values())
        self._channels.clear()
        self._methods.clear()
        for channel in channels:
            await channel.close()

    def _method(self, target: str, limits: CallLimits, path: str) -> Any:
        channel = self._channels.get((target, limits))
        if channel is None:
            channel = self._grpc.aio.insecure_channel(target, options=_options(limits))
            self._channels[target, limits] = channel
        method = self._methods[target, limits, path] = channel.unary_unary(path)
        return method


def _options(limits: CallLimits) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", min(limits.answer_bytes, 2**31 - 1)),
        ("grpc.max_send_message_length", -1),  # what is asked was let in, or answered by another unit
        ("grpc.min_reconnect_backoff_ms", int(limits.connect_s * 1000)),  # gRPC's name for how long one try may take
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", LONGEST_BACKOFF_MS),
        ("grpc.enable_http_proxy", 0),  # a component is a neighbour, whatever the environment says of the world
    ]


def _ended(error: Any, limits: CallLimits) -> GrpcAnswer:
    """The status that a component has ended a call with. :raises CallFailed: when it was not the component."""
    details: str = error.details() or ""
    if details.startswith(_NOT_CONNECTED):
        raise NotConnected(details.rpartition("last error: ")[2]) from error
    if _TOO_LARGE in details:
        raise CallFailed(f"its answer has more than {limits.answer_bytes:,} bytes") from error
    if details.startswith(_LOST):
        raise CallFailed(f"the connection ended before an answer came ({details})") from error
    trailers = {key: value for key, value in error.trailing_metadata() or () if isinstance(value, str)}
    return GrpcAnswer(code=error.code().name, details=details, reason=unquote(trailers.get(_REASON, "")))
