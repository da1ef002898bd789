"""One HTTP request, and the reply to it, as the server and the application hand them to each other."""

from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

import msgspec

if TYPE_CHECKING:
    from infergraph.servers.route import Route
    from infergraph.telemetry.timings import Timings


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
    timings: "Timings"

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
