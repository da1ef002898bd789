"""What a path leads to, and the reply that comes of it."""

from collections.abc import Awaitable, Callable

from infergraph.servers.answers import Answer, Form
from infergraph.servers.headers import ResponseHeaders
from infergraph.servers.request import Reply, Request
from infergraph.telemetry.request_meter import NO_METER, Meter

READ = ("GET", "HEAD")
"""The methods of a path that only tells something."""

VERSIONS = ("v0.1", "v1.0")
"""The versions of the seldon protocol's paths."""


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
