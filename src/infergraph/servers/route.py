"""What a path leads to, and the request that takes it."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from starlette.types import Receive, Scope

from infergraph.servers.answers import Answer
from infergraph.servers.headers import ResponseHeaders


class Request(msgspec.Struct, frozen=True):
    """One HTTP request. ``headers`` has the last of each name, ``unit`` is the end of a path that names one."""

    scope: Scope
    headers: Mapping[bytes, bytes]
    receive: Receive
    puid: str
    unit: str


Endpoint = Callable[[Request], Awaitable[Answer]]


class Route:
    """An endpoint with its methods, and the headers that its answers have.

    ``methods`` is empty for an endpoint that answers all of them; ``allowed`` is how headers list what is answered.
    """

    __slots__ = ("allowed", "endpoint", "headers", "methods")

    def __init__(self, methods: tuple[str, ...], endpoint: Endpoint, headers: ResponseHeaders) -> None:
        self.methods = methods
        self.endpoint = endpoint
        self.headers = headers
        self.allowed = ",".join(sorted({*methods, "OPTIONS"}))
