"""The path that Prometheus reads: the metrics of everything that is served here."""

import asyncio
from functools import partial

from infergraph.servers.answers import Answer
from infergraph.servers.headers import ResponseHeaders
from infergraph.servers.request import Request
from infergraph.servers.route import READ, Endpoint, Route
from infergraph.telemetry import Registry, render


def metrics_routes(registry: Registry, path: str = "") -> dict[str, Route]:
    """Where metrics are read, by path.

    ``/prometheus`` has the summaries of SELDON_V1 §7.1 beside the histograms; it is the path that the v1 operator tells
    Prometheus, as is ``path`` where another operator tells another one. No web page of another origin may read any.
    """
    headers = ResponseHeaders(is_shared=False)
    routes = {
        "/metrics": Route(READ, _metrics(registry, with_summaries=False), headers),
        "/prometheus": Route(READ, _metrics(registry, with_summaries=True), headers),
    }
    return routes | ({path: routes["/prometheus"]} if path else {})


def _metrics(registry: Registry, *, with_summaries: bool) -> Endpoint:
    async def metrics(request: Request) -> Answer:
        snapshot = await registry.scrape()
        accept = request.headers.get(b"accept", b"").decode("latin-1")
        # Thousands of lines take a while, and requests must not wait for them.
        write = partial(render, snapshot, accept, with_summaries=with_summaries)
        page = await asyncio.to_thread(write)
        return Answer(200, page.body, ((b"content-type", page.content_type.encode()),))

    return metrics
