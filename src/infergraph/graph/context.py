"""What belongs to one request and not to its message."""

from collections.abc import Sequence

from infergraph.telemetry.timings import Timings


class Context:
    """One request on its walk.

    ``puid`` is the request's id, ``headers`` are those that came with it (names in lower case), ``routing`` is what the
    routers on the way chose: unit name to branch. Tags, request path and metrics travel in the message's meta, because
    the answer of a child that is not chosen must not leave its tags behind. ``timings`` says when it got how far.
    """

    __slots__ = ("headers", "puid", "routing", "timings")

    def __init__(self, puid: str, headers: Sequence[tuple[bytes, bytes]] = (), timings: Timings | None = None) -> None:
        self.puid = puid
        self.headers = headers
        self.routing: dict[str, int] = {}
        self.timings = timings or Timings()
        self.timings.routing = self.routing
