"""An application whose paths are all known from the start."""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from infergraph.errors import MethodNotAllowed
from infergraph.servers.answers import Answer, answer_to
from infergraph.servers.headers import PUID, puid_of
from infergraph.servers.request import Reply, Request
from infergraph.servers.route import Route
from infergraph.telemetry.request_meter import NO_METER

log = structlog.get_logger("infergraph.request")


class Paths:
    """Answers requests by their path; ``nowhere`` is the route of all others.

    ``own_answer`` may know a better answer to an error than the usual one. With ``logs_access`` each request is logged.
    """

    def __init__(
        self,
        routes: Mapping[str, Route],
        nowhere: Route,
        *,
        own_answer: Callable[[BaseException], Answer | None] = lambda _: None,
        logs_access: bool = False,
    ) -> None:
        self._own_answer = own_answer
        self._logs_access = logs_access
        self._routes = routes
        self._by_raw_path = {path.encode(): route for path, route in routes.items()}
        self._nowhere = nowhere

    def accept(self, request: Request) -> int:
        """Find what the path of a request leads to. Returns how large a body that reads, 0 when it reads none."""
        route = self._by_raw_path.get(request.raw_path) or self._rarer_route(request)
        request.route = route
        return route.body_bytes if request.method in route.methods else 0

    async def __call__(self, request: Request) -> Reply:
        """The reply to a request that was accepted."""
        route, method = request.route, request.method
        request.puid = puid_of(request.headers.get(PUID, b"").decode("latin-1"))
        timings = request.timings = route.meter.start()
        try:
            if method in route.methods or not route.methods:
                answer = await route.endpoint(request)
            else:
                answer = answer_without_asking(route, request.path, method)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - answered and logged in one place
            answer = self._own_answer(error) or answer_to(error, request.puid, route.form)
        route.meter.finish(timings, method, answer.status, answer.refusal)
        if self._logs_access and route.meter is not NO_METER:  # probes and scrapes are not what one looks for
            log.info("access", method=method, path=request.path, status=answer.status, puid=request.puid)
        return route.reply(answer, request)

    def _rarer_route(self, request: Request) -> Route:
        """The route of a path that is written with escapes, or leads nowhere."""
        if b"%2f" in request.raw_path.lower():  # a proxy that guards paths does not take it for a slash
            return self._nowhere
        return self._routes.get(request.path, self._nowhere)


def answer_without_asking(route: Route, path: str, method: str) -> Answer:
    """The answer to OPTIONS; every other method is one that the path does not take."""
    if method == "OPTIONS":
        return Answer(200, b"", ())
    raise MethodNotAllowed(f"{path:.200} takes {', '.join(route.methods)}, got {method:.20}", allowed=route.allowed)
