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


def webhook_server(
    settings: Callable[[], Settings],
    scope: Scope,
    *,
    host: str = "0.0.0.0",  # noqa: S104 - the port of a pod
    port: int = 4443,
) -> WebhookServer:
    """A server that judges with the settings as they are at the time."""

    def judged(data: Any) -> Judgement:
        return judge(data, settings())

    return WebhookServer(partial(answer, judge=judged, scope=scope), host=host, port=port)


async def run_webhook(server: WebhookServer, keeper: CertificateKeeper) -> None:
    """Serve until this is cancelled; every replica does, whoever leads."""
    await keeper.begin()
    await server.start()
    try:
        await keeper.run()
    finally:
        await asyncio.shield(server.stop())


def service_names(service: str, namespace: str) -> tuple[str, ...]:
    """The names under which the API server calls a Service: the certificate is for these."""
    return (f"{service}.{namespace}.svc", f"{service}.{namespace}.svc.cluster.local", f"{service}.{namespace}")
