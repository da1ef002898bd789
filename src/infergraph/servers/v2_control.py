"""The v2 protocol beside inference: the server, its models, their readiness and statistics."""

from collections.abc import Sequence
from typing import Any

from infergraph.errors import BadMessage
from infergraph.payloads import json_text
from infergraph.servers.answers import Answer, Form
from infergraph.servers.body import read_body
from infergraph.servers.headers import ResponseHeaders
from infergraph.servers.models import Models
from infergraph.servers.request import Request
from infergraph.servers.route import READ, Endpoint, Route
from infergraph.servers.served import Served
from infergraph.servers.v2_models import SERVER, configuration_of, index_of, statistics_of


def v2_server_routes(
    prefix: str, served: Sequence[Served], models: Sequence[Models], headers: ResponseHeaders
) -> dict[str, Route]:
    """The paths of the server as a whole, or of one deployment under its prefix as if it were one."""

    async def metadata(_: Request) -> Answer:
        return _json(SERVER)

    async def live(_: Request) -> Answer:
        return _json({"live": True})

    async def ready(_: Request) -> Answer:
        is_ready = all(one.is_ready for one in served)
        return _json({"live": True, "ready": is_ready}, 200 if is_ready else 503)

    return {
        f"{prefix}/v2": Route(READ, metadata, headers, Form.ERROR),
        f"{prefix}/v2/": Route(READ, metadata, headers, Form.ERROR),
        f"{prefix}/v2/health/live": Route(READ, live, headers, Form.ERROR),
        f"{prefix}/v2/health/ready": Route(READ, ready, headers, Form.ERROR),
        f"{prefix}/v2/repository/index": Route(
            ("POST",), _index(served, models), headers, Form.ERROR, body_bytes=served[0].limits.body_bytes
        ),
    }


def v2_model_routes(prefix: str, served: Served, models: Models, headers: ResponseHeaders) -> dict[str, Route]:
    """The paths of each model of a deployment."""
    metadata, status = served.metrics.requests("metadata"), served.metrics.requests("status")
    routes = {"/v2/models/stats": Route(READ, _statistics(served, models, models.names), headers, Form.ERROR)}
    for name in models.names:
        path = f"/v2/models/{name}"
        routes[path] = Route(READ, _metadata(models, name), headers, Form.ERROR, metadata)
        routes[f"{path}/config"] = Route(READ, _configuration(models, name), headers, Form.ERROR, metadata)
        routes[f"{path}/ready"] = Route(READ, _ready(served, models, name), headers, Form.ERROR, status)
        routes[f"{path}/stats"] = Route(READ, _statistics(served, models, (name,)), headers, Form.ERROR)
    return {prefix + path: route for path, route in routes.items()}


def _metadata(models: Models, name: str) -> Endpoint:
    async def metadata(request: Request) -> Answer:
        return _json(models.metadata(name, request.version))

    return metadata


def _configuration(models: Models, name: str) -> Endpoint:
    async def configuration(request: Request) -> Answer:
        return _json(configuration_of(models, name, request.version))

    return configuration


def _ready(served: Served, models: Models, name: str) -> Endpoint:
    async def ready(request: Request) -> Answer:
        if served.is_ready:
            models.model(name, request.version)
        return _json({"name": name, "ready": served.is_ready}, 200 if served.is_ready else 503)

    return ready


def _statistics(served: Served, models: Models, names: Sequence[str]) -> Endpoint:
    async def statistics(request: Request) -> Answer:
        counts = await served.statistics()
        return _json({"model_stats": [statistics_of(counts, models, name, request.version) for name in names]})

    return statistics


def _index(served: Sequence[Served], models: Sequence[Models]) -> Endpoint:
    async def index(request: Request) -> Answer:
        body = read_body(request, served[0].limits)
        wanted = json_text.decode(body, served[0].limits.json_depth) if body else {}
        if not isinstance(wanted, dict):
            raise BadMessage(f'Expected an object such as {{"ready": true}}, got {body[:40].decode("latin-1")!r}')
        deployments = list(zip(served, models, strict=True))
        return _json(index_of(deployments, is_ready_only=bool(wanted.get("ready"))))

    return index


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, json_text.encode(value))
