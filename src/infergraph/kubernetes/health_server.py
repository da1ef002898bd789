"""Metrics and health of the operator, on one port (SELDON_V1 §10: 8080)."""

from collections.abc import Callable

from aiohttp import web

from infergraph.telemetry import Registry, render

Why = Callable[[], str]
"""Why something is not as it should be; the empty text: it is."""


class HealthServer:
    """``/healthz``: whether this process should be replaced; ``/readyz``: whether it does its work; ``/metrics``.

    ``/live`` and ``/ready``, as the engines have them, are the same.

    With port 0 the system chooses one, and ``port`` says which.
    """

    def __init__(self, registry: Registry, *, is_ill: Why, is_not_ready: Why, host: str = "", port: int = 8080) -> None:
        self._registry, self._is_ill, self._is_not_ready = registry, is_ill, is_not_ready
        self._host, self.port = host or None, port
        app = web.Application()
        for path, handler in (
            *((path, self._health) for path in ("/healthz", "/live")),
            *((path, self._ready) for path in ("/readyz", "/ready")),
            ("/metrics", self._metrics),
        ):
            app.router.add_get(path, handler)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)

    async def start(self) -> None:
        """Listen."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Listen no more."""
        await self._runner.cleanup()

    async def _health(self, _: web.Request) -> web.Response:
        return _said(self._is_ill())

    async def _ready(self, _: web.Request) -> web.Response:
        return _said(self._is_not_ready())

    async def _metrics(self, request: web.Request) -> web.Response:
        page = render(await self._registry.scrape(), request.headers.get("Accept", ""))
        return web.Response(body=page.body, headers={"Content-Type": page.content_type})


def _said(why: str) -> web.Response:
    return web.Response(status=503 if why else 200, text=f"{why or 'ok'}\n")
