"""A call as what is to be sent and how its answer is read; nothing here sends."""

from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

import msgspec

T = TypeVar("T")


class Timeouts(msgspec.Struct, frozen=True):
    """How long a call may take, in seconds: to connect, and from the call to its result with all attempts."""

    connect_s: float = 5.0
    total_s: float = 60.0


class Request(msgspec.Struct, frozen=True):
    """What is sent. ``url`` is a whole URL, over gRPC the path of the method; header names are in lower case."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""


class Reply(msgspec.Struct, frozen=True):
    """What came back, whole. Header names are in lower case.

    ``message`` is the sentence of a failed gRPC call, which has no body.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    message: str = ""


class Call(msgspec.Struct, Generic[T], frozen=True):
    """A request, and how its answer is read: ``read`` returns the result or raises what the answer says.

    ``is_repeatable`` says whether it may be sent again when it surely was not executed.
    """

    request: Request
    read: Callable[[Reply], T]
    is_repeatable: bool = True


class Transport(Protocol):
    """Sends requests, from any thread.

    A transport raises ConnectionFailed, ConnectionLost or Timeout, and returns every answer, whatever its status.
    """

    def send(self, request: Request, timeouts: Timeouts) -> Reply:
        """The whole answer to a request."""
        ...

    def close(self) -> None:
        """Give all connections back."""
        ...


class AsyncTransport(Protocol):
    """The same for an event loop."""

    async def send(self, request: Request, timeouts: Timeouts) -> Reply:
        """The whole answer to a request."""
        ...

    async def close(self) -> None:
        """Give all connections back."""
        ...
