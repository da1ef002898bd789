"""The application that a server runs: finds what a path leads to, and makes the reply of what comes of it."""

import asyncio
import re
from collections.abc import Sequence

from infergraph.errors import NotFound
from infergraph.servers.answers import Answer, Form, answer_to
from infergraph.servers.control import common_routes, deployment_routes, unit_routes
from infergraph.servers.headers import PUID, ResponseHeaders, puid_of
from infergraph.servers.health import Health
from infergraph.servers.inference import inference_routes
from infergraph.servers.metrics import metrics_routes
from infergraph.servers.models import Models
from infergraph.servers.paths import answer_without_asking
from infergraph.servers.request import Reply, Request
from infergraph.servers.route import Route
from infergraph.servers.served import Served
from infergraph.servers.tensorflow import tensorflow_routes
from infergraph.servers.v2_control import v2_model_routes, v2_server_routes
from infergraph.servers.v2_inference import v2_inference_routes
from infergraph.telemetry.request_meter import RefusalMeter

_VERSIONED = re.compile(r"(.*/v[12]/models/[^/:]+)/versions/([^/:]+)(.*)", re.DOTALL)
_OTHER_PROTOCOL = re.compile(r"(?:/seldon/[^/]+/[^/]+)?/v[12](?:/.*)?", re.DOTALL)


class Application:
    """What a server answers for some deployments.

    Each is served under ``/seldon/<namespace>/<name>``, and a single one also without that prefix. All protocols are
    answered, each at its own paths. ``metrics_path`` is one more path of the metrics.
    """

    def __init__(self, served: Sequence[Served], *, metrics_path: str = "") -> None:
        common = ResponseHeaders()
        registry = served[0].metrics.registry
        meter = RefusalMeter(registry)
        self._nowhere = Route((), _not_found, common, meter=meter)
        self._no_model = Route((), _no_model, common, Form.ERROR, meter)
        models = [Models(one) for one in served]
        self._routes = common_routes(served, common) | v2_server_routes("", served, models, common)
        self._routes |= metrics_routes(registry, metrics_path)
        self._unit_routes: dict[str, Route] = {}
        for one, its_models in zip(served, models, strict=True):
            headers, health = ResponseHeaders(one.deployment.name, one.deployment.namespace), Health()
            for prefix in [one.path, ""] if len(served) == 1 else [one.path]:
                self._routes |= deployment_routes(prefix, one, headers) | inference_routes(prefix, one, headers)
                self._unit_routes |= unit_routes(prefix, one, headers, health)
                self._routes |= _routes_of_models(prefix, one, its_models, headers)

        self._by_raw_path = {path.encode(): route for path, route in self._routes.items()}

    def accept(self, request: Request) -> int:
        """Find what the path of a request leads to. Returns how large a body that reads, 0 when it reads none."""
        route = self._by_raw_path.get(request.raw_path)
        if route is None:
            route, request.unit, request.version = self._rarer_route(request.path, request.raw_path)
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
            answer = answer_to(error, request.puid, route.form)
        route.meter.finish(timings, method, answer.status, answer.refusal)
        return route.reply(answer, request)

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
        f"There is no model under {request.path:.200}; models are a deployment and its units, "
        "POST /v2/repository/index lists them, and each is served under /seldon/<namespace>/<deployment> "
        "and, when it is the only deployment, without that"
    )


async def _not_found(request: Request) -> Answer:
    raise NotFound(
        f"There is nothing under {request.path:.200}; "
        "a deployment is served under /seldon/<namespace>/<name>/api/v1.0/predictions"
    )
