"""Where things are: the programs, what runs, and the addresses in the cluster's own network."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
RUN: Final = Path("/run/infergraph-cluster")
"""All that belongs to the running one: keys, logs, and who was started."""
STATE: Final = Path("/var/tmp/infergraph-cluster")  # noqa: S108 - root's alone
"""Images and containers: too much to be kept in memory."""
NAMESPACE: Final = "infergraph"
CGROUP: Final = "infergraph-cluster"
NODE: Final = "node1"
NODE_ADDRESS: Final = "10.77.0.1"
API: Final = f"https://{NODE_ADDRESS}:6443"
SERVICES: Final = "10.96.0.0/16"
API_SERVICE: Final = "10.96.0.1"
DNS_SERVICE: Final = "10.96.0.10"
PODS: Final = "10.244.0.0/24"
KEYS: Final = RUN / "keys"
KUBECONFIG: Final = RUN / "kubeconfig"
LOGS: Final = RUN / "logs"
SOCKET: Final = RUN / "containerd/containerd.sock"


@cache
def programs() -> Path:
    """The folder with the programs of this recipe."""
    return Path(subprocess.run([HERE / "folder.sh"], capture_output=True, text=True, check=True).stdout.strip())
