"""What a path leads to, and the request that takes it."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from starlette.types import Receive, Scope

from infergraph.servers.answers import Answer, Form
from infergraph.servers.headers import ResponseHeaders
from infergraph.telemetry.request_meter import NO_METER, Meter
from infergraph.telemetry.timings import Timings

READ = ("GET", "HEAD")
"""The methods of a path that only tells something."""

VERSIONS = ("v0.1", "v1.0")
"""The versions of the seldon protocol's paths."""


class Request(msgspec.Struct, frozen=True):
    """One HTTP request.

    ``headers`` has the last of each name. ``unit`` is the end of a path that names one, ``version`` what a path has
    after ``versions``. ``timings`` say when it got how far.
    """

    scope: Scope
    headers: Mapping[bytes, bytes]
    receive: Receive
    puid: str
    unit: str
    version: str = ""
    timings: Timings = msgspec.field(default_factory=Timings)


Endpoint = Callable[[Request], Awaitable[Answer]]


class Route:
    """An endpoint with its methods, and the headers that its answers have.

    ``methods`` is empty for an endpoint that answers all of them; ``allowed`` is how headers list what is answered.
    ``form`` is that of its errors; ``meter`` measures the requests.
    """

    __slots__ = ("allowed", "endpoint", "form", "headers", "meter", "methods")

    def __init__(
        self,
        methods: tuple[str, ...],
        endpoint: Endpoint,
        headers: ResponseHeaders,
        form: Form = Form.STATUS,
        meter: Meter = NO_METER,
    ) -> None:
        self.methods = methods
        self.endpoint = endpoint
        self.headers = headers
        self.form = form
        self.meter = meter
        self.allowed = ",".join(sorted({*methods, "OPTIONS"}))
