"""Everything but inference: health, metadata, documentation (SELDON_V1 §3.4)."""

from collections.abc import Sequence
from typing import Any

from infergraph import __version__
from infergraph.payloads import json_text
from infergraph.payloads.seldon_json import encode_message
from infergraph.servers.answers import Answer
from infergraph.servers.headers import ResponseHeaders
from infergraph.servers.health import Health
from infergraph.servers.openapi import openapi_document
from infergraph.servers.page import page
from infergraph.servers.request import Request
from infergraph.servers.route import READ, VERSIONS, Endpoint, Route
from infergraph.servers.served import Served

ANY = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")  # as upstream has it for probes
HTML_TYPE = (b"content-type", b"text/html; charset=utf-8")


def common_routes(served: Sequence[Served], headers: ResponseHeaders) -> dict[str, Route]:
    """The paths of the server as a whole, by path."""
    return {
        "/ready": Route(ANY, _ready(served), headers),
        "/live": Route(ANY, _live, headers),
        "/": Route(READ, _front_page(served), headers),
    }


def deployment_routes(prefix: str, served: Served, headers: ResponseHeaders) -> dict[str, Route]:
    """The paths of a deployment, by path."""

    async def metadata(_: Request) -> Answer:
        return _json(served.metadata())

    async def document(_: Request) -> Answer:
        return _json(openapi_document(served.deployment, prefix=prefix, version=__version__))

    async def docs(_: Request) -> Answer:
        text = page(served.deployment, prefix=prefix, metadata=served.graph_metadata())
        return Answer(200, text.encode(), (HTML_TYPE,))

    ready = _ready([served])
    status = Route(READ, ready, headers, meter=served.metrics.requests("status"))
    routes = {
        f"{prefix}/api/v1.0/metadata": Route(READ, metadata, headers, meter=served.metrics.requests("metadata")),
        f"{prefix}/api/v1.0/status": status,
        f"{prefix}/api/v1.0/health/status": status,
    }
    for version in VERSIONS:
        doc = f"{prefix}/api/{version}/doc"
        routes[f"{doc}/seldon.json"] = Route(READ, document, headers)
        routes |= dict.fromkeys((f"{doc}/", doc), Route(READ, docs, headers))
    routes |= dict.fromkeys((f"{prefix}/v2/docs/", f"{prefix}/v2/docs"), Route(READ, docs, headers))
    if prefix:
        routes |= {f"{prefix}/ready": Route(ANY, ready, headers), f"{prefix}/live": Route(ANY, _live, headers)}
    return routes


def unit_routes(prefix: str, served: Served, headers: ResponseHeaders, health: Health) -> dict[str, Route]:
    """The paths that end with ``/<unit>``, by what stands before that."""

    async def metadata(request: Request) -> Answer:
        return _json(served.component(request.unit).metadata())

    async def status(request: Request) -> Answer:
        return Answer(200, encode_message(await health.of(served.component(request.unit))))

    endpoints: dict[str, Endpoint] = {"metadata": metadata, "status": status}
    return {
        f"{prefix}/api/{version}/{name}": Route(READ, endpoint, headers, meter=served.metrics.requests(name))
        for version in VERSIONS
        for name, endpoint in endpoints.items()
    }


def _ready(served: Sequence[Served]) -> Endpoint:
    async def ready(_: Request) -> Answer:
        return Answer(200 if all(one.is_ready for one in served) else 503, b"", ())

    return ready


async def _live(_: Request) -> Answer:
    return Answer(200, b"", ())


def _front_page(served: Sequence[Served]) -> Endpoint:
    async def front(_: Request) -> Answer:
        if len(served) == 1:
            return Answer(307, b"", ((b"location", b"/api/v1.0/doc/"),))
        return _json(
            {"deployments": [{"name": one.deployment.name, "docs": f"{one.path}/api/v1.0/doc/"} for one in served]}
        )

    return front


def _json(value: Any) -> Answer:
    return Answer(200, json_text.encode(value))
