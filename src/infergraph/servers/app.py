"""The application that a server runs: finds what a path leads to, and sends what comes of it."""

import asyncio
from collections.abc import Sequence

from starlette.types import Receive, Scope, Send

from infergraph.errors import MethodNotAllowed, NotFound
from infergraph.servers.answers import Answer, answer_to
from infergraph.servers.body import ClientGone
from infergraph.servers.control import common_routes, deployment_routes, unit_routes
from infergraph.servers.headers import ResponseHeaders
from infergraph.servers.health import Health
from infergraph.servers.inference import inference_routes
from infergraph.servers.route import Request, Route
from infergraph.servers.served import Served


class Application:
    """The ASGI application of some deployments.

    Each is served under ``/seldon/<namespace>/<name>``, and a single one also without that prefix.
    """

    def __init__(self, served: Sequence[Served]) -> None:
        common = ResponseHeaders()
        self._nowhere = Route((), _not_found, common)
        self._routes = common_routes(served, common)
        self._unit_routes: dict[str, Route] = {}
        for one in served:
            headers, health = ResponseHeaders(one.deployment.name, one.deployment.namespace), Health()
            for prefix in [one.path, ""] if len(served) == 1 else [one.path]:
                self._routes |= deployment_routes(prefix, one, headers) | inference_routes(prefix, one, headers)
                self._unit_routes |= unit_routes(prefix, one, headers, health)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get(scope["path"])
        unit = ""
        if route is None or b"%" in scope["raw_path"]:
            route, unit = self._rarer_route(scope["path"], scope["raw_path"])
        headers = dict(scope["headers"])
        puid = route.headers.puid(headers)
        method = scope["method"]
        try:
            if method in route.methods or not route.methods:
                answer = await route.endpoint(Request(scope, headers, receive, puid, unit))
            else:
                answer = _answer_without_asking(route, scope["path"], method)
        except ClientGone:
            return
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - answered and logged in one place
            answer = answer_to(error, puid)
        event_path = scope["raw_path"] if b"ce-specversion" in headers else None
        listed = route.headers.of(answer, puid=puid, methods=route.allowed, event_path=event_path)
        await send({"type": "http.response.start", "status": answer.status, "headers": listed})
        await send({"type": "http.response.body", "body": answer.body})

    def _rarer_route(self, path: str, raw_path: bytes) -> tuple[Route, str]:
        """The route of a path that ends with the name of a unit, or is written with escapes, or leads nowhere."""
        if b"%2f" in raw_path.lower():  # a proxy that guards paths does not take it for a slash
            return self._nowhere, ""
        before, _, unit = path.rpartition("/")
        return self._routes.get(path) or self._unit_routes.get(before, self._nowhere), unit


async def _not_found(request: Request) -> Answer:
    raise NotFound(
        f"There is nothing under {request.scope['path']:.200}; "
        "a deployment is served under /seldon/<namespace>/<name>/api/v1.0/predictions"
    )


def _answer_without_asking(route: Route, path: str, method: str) -> Answer:
    """The answer to OPTIONS; every other method is one that the path does not take."""
    if method == "OPTIONS":
        return Answer(200, b"", ())
    raise MethodNotAllowed(f"{path:.200} takes {', '.join(route.methods)}, got {method:.20}", allowed=route.allowed)
