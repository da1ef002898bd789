"""The application of a microservice: the paths of one component, and errors in the v1 wrapper's form."""

import asyncio

from infergraph.errors import MethodNotAllowed, NotFound
from infergraph.servers.answers import Answer, Form, answer_to
from infergraph.servers.headers import PUID, ResponseHeaders, puid_of
from infergraph.servers.metrics import metrics_routes
from infergraph.servers.microservice.control import control_routes
from infergraph.servers.microservice.inference import inference_routes
from infergraph.servers.microservice.unit import ServedUnit
from infergraph.servers.request import Reply, Request
from infergraph.servers.route import Route
from infergraph.telemetry.request_meter import RefusalMeter


class MicroserviceApplication:
    """What a server answers for one component."""

    def __init__(self, unit: ServedUnit) -> None:
        headers, registry = ResponseHeaders(unit.deployment.name), unit.metrics.registry
        self._nowhere = Route((), _not_found, headers, Form.COMPONENT, RefusalMeter(registry))
        self._routes = inference_routes(unit, headers) | control_routes(unit, headers) | metrics_routes(registry)
        self._by_raw_path = {path.encode(): route for path, route in self._routes.items()}

    def accept(self, request: Request) -> int:
        """Find what the path of a request leads to. Returns how large a body that reads, 0 when it reads none."""
        route = self._by_raw_path.get(request.raw_path) or self._routes.get(request.path, self._nowhere)
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
                answer = _answer_without_asking(route, request.path, method)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - answered and logged in one place
            answer = answer_to(error, request.puid, route.form)
        route.meter.finish(timings, method, answer.status, answer.refusal)
        return route.reply(answer, request)


async def _not_found(request: Request) -> Answer:
    raise NotFound(
        f"There is nothing under {request.path:.200}; a component answers /predict, /transform-input, "
        "/transform-output, /route, /aggregate, /send-feedback, /health/status, /metadata and /seldon.json"
    )


def _answer_without_asking(route: Route, path: str, method: str) -> Answer:
    """The answer to OPTIONS; every other method is one that the path does not take."""
    if method == "OPTIONS":
        return Answer(200, b"", ())
    raise MethodNotAllowed(f"{path:.200} takes {', '.join(route.methods)}, got {method:.20}", allowed=route.allowed)
