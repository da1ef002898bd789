"""The application that a server runs: finds what a path leads to, and sends what comes of it."""

import asyncio
import re
from collections.abc import Sequence

from starlette.types import Receive, Scope, Send

from infergraph.errors import MethodNotAllowed, NotFound
from infergraph.servers.answers import Answer, Form, answer_to
from infergraph.servers.body import ClientGone
from infergraph.servers.control import common_routes, deployment_routes, unit_routes
from infergraph.servers.headers import ResponseHeaders
from infergraph.servers.health import Health
from infergraph.servers.inference import inference_routes
from infergraph.servers.metrics import metrics_routes
from infergraph.servers.models import Models
from infergraph.servers.route import Request, Route
from infergraph.servers.served import Served
from infergraph.servers.tensorflow import tensorflow_routes
from infergraph.servers.v2_control import v2_model_routes, v2_server_routes
from infergraph.servers.v2_inference import v2_inference_routes
from infergraph.telemetry.request_meter import RefusalMeter

_VERSIONED = re.compile(r"(.*/v[12]/models/[^/:]+)/versions/([^/:]+)(.*)", re.DOTALL)
_OTHER_PROTOCOL = re.compile(r"(?:/seldon/[^/]+/[^/]+)?/v[12](?:/.*)?", re.DOTALL)


class Application:
    """The ASGI application of some deployments.

    Each is served under ``/seldon/<namespace>/<name>``, and a single one also without that prefix. All protocols are
    answered, each at its own paths.
    """

    def __init__(self, served: Sequence[Served]) -> None:
        common = ResponseHeaders()
        registry = served[0].metrics.registry
        meter = RefusalMeter(registry)
        self._nowhere = Route((), _not_found, common, meter=meter)
        self._no_model = Route((), _no_model, common, Form.ERROR, meter)
        models = [Models(one) for one in served]
        self._routes = common_routes(served, common) | v2_server_routes("", served, models, common)
        self._routes |= metrics_routes(registry)
        self._unit_routes: dict[str, Route] = {}
        for one, its_models in zip(served, models, strict=True):
            headers, health = ResponseHeaders(one.deployment.name, one.deployment.namespace), Health()
            for prefix in [one.path, ""] if len(served) == 1 else [one.path]:
                self._routes |= deployment_routes(prefix, one, headers) | inference_routes(prefix, one, headers)
                self._unit_routes |= unit_routes(prefix, one, headers, health)
                self._routes |= _routes_of_models(prefix, one, its_models, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get(scope["path"])
        unit = version = ""
        if route is None or b"%" in scope["raw_path"]:
            route, unit, version = self._rarer_route(scope["path"], scope["raw_path"])
        headers = dict(scope["headers"])
        puid = route.headers.puid(headers)
        method, timings = scope["method"], route.meter.start()
        try:
            if method in route.methods or not route.methods:
                answer = await route.endpoint(Request(scope, headers, receive, puid, unit, version, timings))
            else:
                answer = _answer_without_asking(route, scope["path"], method)
        except ClientGone:
            route.meter.abandon()
            return
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - answered and logged in one place
            answer = answer_to(error, puid, route.form)
        route.meter.finish(timings, method, answer.status, answer.refusal)
        event_path = scope["raw_path"] if b"ce-specversion" in headers else None
        listed = route.headers.of(answer, puid=puid, methods=route.allowed, event_path=event_path)
        await send({"type": "http.response.start", "status": answer.status, "headers": listed})
        await send({"type": "http.response.body", "body": answer.body})

    def _rarer_route(self, path: str, raw_path: bytes) -> tuple[Route, str, str]:
        """The route of a path that names a unit or a version, or is written with escapes, or leads nowhere."""
        nowhere = self._no_model if _OTHER_PROTOCOL.fullmatch(path) else self._nowhere
        if b"%2f" in raw_path.lower():  # a proxy that guards paths does not take it for a slash
            return nowhere, "", ""
        if route := self._routes.get(path):
            return route, "", ""
        if (found := _VERSIONED.fullmatch(path)) and (route := self._routes.get(found[1] + found[3])):
            return route, "", found[2]
        before, _, unit = path.rpartition("/")
        if route := self._unit_routes.get(before):
            return route, unit, ""
        return nowhere, "", ""


def _routes_of_models(prefix: str, served: Served, models: Models, headers: ResponseHeaders) -> dict[str, Route]:
    """What a deployment answers in the v2 and the tensorflow protocols, by path."""
    server = v2_server_routes(prefix, [served], [models], headers) if prefix else {}
    inference = v2_inference_routes(prefix, served, models, headers)
    control = v2_model_routes(prefix, served, models, headers)
    return server | control | inference | tensorflow_routes(prefix, served, models, headers)


async def _no_model(request: Request) -> Answer:
    raise NotFound(
        f"There is no model under {request.scope['path']:.200}; models are a deployment and its units, "
        "POST /v2/repository/index lists them, and each is served under /seldon/<namespace>/<deployment> "
        "and, when it is the only deployment, without that"
    )


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
