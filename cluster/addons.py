"""What a cluster has beside Kubernetes itself: names."""

import json
import subprocess
import sys
from typing import Any, Final

from cluster import names
from cluster.control_plane import kubectl_command
from cluster.places import DNS_SERVICE, HERE, NODE_ADDRESS
from cluster.processes import start

_META: Final = {"name": "kube-dns", "namespace": "kube-system"}
_PORTS: Final = (("dns", "UDP"), ("dns-tcp", "TCP"))


def up() -> None:
    """Start the server of names, and make it known as the Service that every pod asks."""
    start("names", "env", f"PYTHONPATH={HERE.parent}", sys.executable, "-m", names.__name__)
    everything = {"apiVersion": "v1", "kind": "List", "items": [_service(), _endpoints()]}
    applying = [*kubectl_command(), "apply", "--server-side", "-f", "-"]
    subprocess.run(applying, input=json.dumps(everything).encode(), check=True, capture_output=True)


def _service() -> dict[str, Any]:
    ports = [{"name": name, "protocol": protocol, "port": 53, "targetPort": names.PORT} for name, protocol in _PORTS]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _META,
        "spec": {"clusterIP": DNS_SERVICE, "ports": ports},
    }


def _endpoints() -> dict[str, Any]:
    ports = [{"name": name, "protocol": protocol, "port": names.PORT} for name, protocol in _PORTS]
    subsets = [{"addresses": [{"ip": NODE_ADDRESS}], "ports": ports}]
    return {"apiVersion": "v1", "kind": "Endpoints", "metadata": _META, "subsets": subsets}
