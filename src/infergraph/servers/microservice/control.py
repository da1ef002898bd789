"""What a microservice answers beside questions to its component: health, metadata, documentation (SELDON_V1 §4.2)."""

from typing import Any

from infergraph import __version__
from infergraph.payloads import json_text
from infergraph.payloads.seldon_json import encode_message
from infergraph.servers.answers import Answer, Form
from infergraph.servers.headers import ResponseHeaders
from infergraph.servers.health import Health
from infergraph.servers.microservice.document import component_document
from infergraph.servers.microservice.unit import ServedUnit
from infergraph.servers.request import Request
from infergraph.servers.route import READ, Endpoint, Route

TEXT_TYPE = (b"content-type", b"text/plain; charset=utf-8")


def control_routes(unit: ServedUnit, headers: ResponseHeaders) -> dict[str, Route]:
    """The paths that ask nothing of the component's data, by path."""
    health = Health()

    async def status(_: Request) -> Answer:
        return Answer(200, encode_message(await health.of(unit.only_component)))

    async def metadata(_: Request) -> Answer:
        return _json(unit.only_component.metadata())

    async def document(_: Request) -> Answer:
        return _json(component_document(unit.main.graph.name, version=__version__))

    async def ready(_: Request) -> Answer:
        return Answer(200 if unit.is_ready else 503, b"", ())

    endpoints: dict[str, Endpoint] = {
        "/health/ping": _ping,
        "/health/status": status,
        "/api/v1.0/health/status": status,
        "/metadata": metadata,
        "/api/v1.0/metadata": metadata,
        "/seldon.json": document,
        "/ready": ready,
        "/live": _live,
    }
    return {path: Route(READ, endpoint, headers, Form.COMPONENT) for path, endpoint in endpoints.items()}


async def _ping(_: Request) -> Answer:
    return Answer(200, b"pong", (TEXT_TYPE,))


async def _live(_: Request) -> Answer:
    return Answer(200, b"", ())


def _json(value: Any) -> Answer:
    return Answer(200, json_text.encode(value))
