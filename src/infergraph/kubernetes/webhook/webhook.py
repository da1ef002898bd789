"""The whole webhook: its certificates, and the server that they are for."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.operator.operator import Scope
from infergraph.kubernetes.webhook.judgement import Judgement, judge
from infergraph.kubernetes.webhook.keeper import CertificateKeeper
from infergraph.kubernetes.webhook.review import answer
from infergraph.kubernetes.webhook.server import WebhookServer


class Webhook:
    """A server and the keeper of its certificates. Every replica has one, whoever leads."""

    def __init__(self, server: WebhookServer, keeper: CertificateKeeper) -> None:
        self.server, self._keeper = server, keeper

    async def run(self) -> None:
        """Serve from the first certificate on, until this is cancelled.

        :raises SetupError: when the port is taken.
        """
        await self._keeper.begin()
        await self.server.start()
        try:
            await self._keeper.run()
        finally:
            await asyncio.shield(self.server.stop())


def webhook_server(
    settings: Callable[[], Settings],
    scope: Scope,
    *,
    host: str,
    port: int,
    on_review: Callable[[str], None] = lambda _: None,
) -> WebhookServer:
    """A server that judges with the settings as they are at the time."""

    def judged(data: Any) -> Judgement:
        return judge(data, settings())

    return WebhookServer(partial(answer, judge=judged, scope=scope), host=host, port=port, on_review=on_review)


def service_names(service: str, namespace: str) -> tuple[str, ...]:
    """The names under which the API server calls a Service: the certificate is for these."""
    return (f"{service}.{namespace}.svc", f"{service}.{namespace}.svc.cluster.local", f"{service}.{namespace}")
