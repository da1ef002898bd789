"""A candidate of an election as a process of its own: URL, token, lease, identity."""

import asyncio
import signal
import sys

from lightkube import AsyncClient
from lightkube.config.kubeconfig import KubeConfig
from lightkube.config.models import Cluster, User

from infergraph.kubernetes.leader import LeaderElection
from infergraph.kubernetes.lease import Timing


async def main(url: str, token: str, lease: str, identity: str) -> None:
    config = KubeConfig.from_one(cluster=Cluster(server=url, insecure=True), user=User(token=token))
    client = AsyncClient(config.get(), trust_env=False)
    timing = Timing(lease_s=3, renew_deadline_s=2, retry_s=0.3)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    async def lead() -> None:
        await stop.wait()

    await LeaderElection(client, name=lease, namespace="models", identity=identity, timing=timing).run(lead)
    await client.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
