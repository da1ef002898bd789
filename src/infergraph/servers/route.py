"""What a path leads to, the request that takes it, and the reply that comes of it."""

from collections.abc import Awaitable, Callable
from typing import Protocol
from urllib.parse import unquote

import msgspec

from infergraph.servers.answers import Answer, Form
from infergraph.servers.headers import ResponseHeaders
from infergraph.telemetry.request_meter import NO_METER, Meter
from infergraph.telemetry.timings import Timings

READ = ("GET", "HEAD")
"""The methods of a path that only tells something."""

VERSIONS = ("v0.1", "v1.0")
"""The versions of the seldon protocol's paths."""


class Request:
    """One HTTP request.

    ``raw_path`` and ``query`` are the target's, as they came. ``fields`` are all headers, names in lower case;
    ``headers`` has the last of each name. ``body`` is None where nobody reads it, and where it is too large.

    `Application` adds the ``route``, the ``unit`` that a path may end with, the ``version`` that it may have after
    ``versions``, the id ``puid``, and ``timings``, which say when it got how far. ``keep_alive`` is the connection's:
    does it go on afterwards?
    """

    __slots__ = (
        "body",
        "fields",
        "headers",
        "keep_alive",
        "method",
        "puid",
        "query",
        "raw_path",
        "route",
        "timings",
        "unit",
        "version",
    )

    route: "Route"
    timings: Timings

    def __init__(self, method: str, raw_path: bytes, query: bytes, fields: list[tuple[bytes, bytes]]) -> None:
        self.method = method
        self.raw_path = raw_path
        self.query = query
        self.fields = fields
        self.headers = dict(fields)
        self.body: bytes | None = None
        self.keep_alive = False
        self.puid = self.unit = self.version = ""

    @property
    def path(self) -> str:
        """The path without escapes."""
        return unquote(self.raw_path.decode("ascii"))


class Reply(msgspec.Struct, frozen=True, gc=False):
    """An answer on its way: ``head`` are its header lines as they are sent, each with its line end.

    The connection adds its own: the date, and whether it closes, as it must after a reply that ``closes``.
    """

    status: int
    head: bytes
    body: bytes
    closes: bool = False


class Answering(Protocol):
    """What a server asks for its answers."""

    def accept(self, request: Request) -> int:
        """A request's headers are here. Returns how large a body is read, in bytes; 0 when nobody reads it."""
        ...

    async def __call__(self, request: Request) -> Reply:
        """The reply to a request that is whole, or as whole as `accept` wants it. Raises nothing."""
        ...


Endpoint = Callable[[Request], Awaitable[Answer]]


class Route:
    """An endpoint with its methods, and the headers that its answers have.

    ``methods`` is empty for an endpoint that answers all of them; ``allowed`` is how headers list what is answered.
    ``form`` is that of its errors, ``body_bytes`` the largest body that it reads; ``meter`` measures the requests.
    """

    __slots__ = ("allowed", "body_bytes", "endpoint", "fixed", "form", "headers", "meter", "methods")

    def __init__(
        self,
        methods: tuple[str, ...],
        endpoint: Endpoint,
        headers: ResponseHeaders,
        form: Form = Form.STATUS,
        meter: Meter = NO_METER,
        *,
        body_bytes: int = 0,
    ) -> None:
        self.methods = methods
        self.endpoint = endpoint
        self.headers = headers
        self.form = form
        self.meter = meter
        self.body_bytes = body_bytes
        self.allowed = ",".join(sorted({*methods, "OPTIONS"}))
        self.fixed = headers.fixed(self.allowed)

    def reply(self, answer: Answer, request: Request) -> Reply:
        """An answer of this route with all its headers."""
        closes = answer.status == 413  # the rest of the body is not read, so nothing can follow it
        return Reply(answer.status, self.headers.lines(answer, self.fixed, request), answer.body, closes)
