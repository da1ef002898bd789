"""The operator's own client, of a real API server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lightkube import AsyncClient
from lightkube.config.kubeconfig import KubeConfig
from lightkube.config.models import Cluster, User

from tests.cluster.api_server import ApiServer
from tests.cluster.operators import ADMINISTRATOR


@asynccontextmanager
async def client_of(server: ApiServer, *, token: str = "") -> AsyncIterator[AsyncClient]:
    """As the administrator, or as whoever has that token."""
    cluster = Cluster(server=server.url, insecure=True)
    config = KubeConfig.from_one(cluster=cluster, user=User(token=token or ADMINISTRATOR))
    client = AsyncClient(config.get(), trust_env=False)
    try:
        yield client
    finally:
        await client.close()
