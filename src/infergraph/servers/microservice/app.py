"""The applications of a microservice: its component's, and the one of its metrics port."""

from infergraph.errors import ComponentFailed, NotFound
from infergraph.servers.answers import Answer, Form
from infergraph.servers.headers import ResponseHeaders
from infergraph.servers.metrics import metrics_routes
from infergraph.servers.microservice.control import control_routes
from infergraph.servers.microservice.inference import inference_routes
from infergraph.servers.microservice.unit import ServedUnit
from infergraph.servers.paths import Paths
from infergraph.servers.request import Request
from infergraph.servers.route import Route
from infergraph.telemetry import Registry
from infergraph.telemetry.request_meter import RefusalMeter


def microservice_application(unit: ServedUnit, *, passes_payload: bool = False, logs_access: bool = False) -> Paths:
    """What answers for one component; errors are written as the v1 wrapper writes them.

    With ``passes_payload`` the component gets and gives the bytes of predictions.
    """
    headers, registry = ResponseHeaders(unit.deployment.name), unit.metrics.registry
    nowhere = Route((), _not_found, headers, Form.COMPONENT, RefusalMeter(registry))
    routes = inference_routes(unit, headers, passes_payload=passes_payload)
    routes |= control_routes(unit, headers) | metrics_routes(registry)

    def own_answer(error: BaseException) -> Answer | None:
        """What the component's own error handlers answer."""
        if unit.error_handlers is None or not isinstance(error, ComponentFailed) or error.__cause__ is None:
            return None
        return unit.error_handlers.answer(error.__cause__)

    return Paths(routes, nowhere, own_answer=own_answer, logs_access=logs_access)


def metrics_application(registry: Registry, path: str) -> Paths:
    """What answers on the port of the metrics, under ``path`` as well as where they always are."""
    routes = metrics_routes(registry)
    routes.setdefault(f"/{path.strip('/')}", routes["/metrics"])
    nowhere = Route((), _no_metrics, ResponseHeaders(is_shared=False), Form.COMPONENT, RefusalMeter(registry))
    return Paths(routes, nowhere)


async def _not_found(request: Request) -> Answer:
    raise NotFound(
        f"There is nothing under {request.path:.200}; a component answers /predict, /transform-input, "
        "/transform-output, /route, /aggregate, /send-feedback, /health/status, /metadata and /seldon.json"
    )


async def _no_metrics(request: Request) -> Answer:
    raise NotFound(f"There is nothing under {request.path:.200}; this port has metrics, under /metrics")
