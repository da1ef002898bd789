"""etcd, a real API server and the real controllers, each of which can be ended and come back.

There is no kubelet: `hollow_node` says of pods what one would say.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cluster.places import programs
from tests.cluster import api_server
from tests.cluster.api_server import ApiServer, wait_until
from tests.cluster.custom_resource import define
from tests.cluster.operators import kubeconfig
from tests.ports import free_port

CONTROLLERS = [
    *("deployment", "replicaset", "garbagecollector", "disruption"),
    *("endpoint", "namespace", "serviceaccount", "serviceaccount-token"),
]


def missing() -> str:
    """Why none can be started here; empty where one can."""
    if reason := api_server.missing():
        return reason
    if not (programs() / "kube-controller-manager").exists():
        return f"no kube-controller-manager in {programs()}"
    return ""


class ControlPlane:
    """A running one."""

    def __init__(self, work: Path, etcd_url: str, *flags: str) -> None:
        self._work, self._etcd_url, self._flags = work, etcd_url, flags
        self._port = free_port()
        self._stack = ExitStack()
        self.start()

    def start(self) -> None:
        """Start the API server, at the address that it had before."""
        serving = api_server.serving(self._work, self._etcd_url, self._port, *self._flags)
        self.api: ApiServer = self._stack.enter_context(serving)

    def stop(self) -> None:
        """Kill the API server: all connections break."""
        self._stack.close()


@contextmanager
def control_plane(work: Path, *flags: str) -> Iterator[ControlPlane]:
    """All of it, with our custom resource, ended with the block whatever happens. ``flags`` are the API server's."""
    with ExitStack() as stack:
        plane = ControlPlane(work, stack.enter_context(api_server.etcd(work)), *flags)
        stack.callback(plane.stop)
        define(plane.api)  # before the garbage collector looks, every 30 s, which kinds there are
        stack.enter_context(controllers(work, plane.api))
        yield plane


@contextmanager
def controllers(work: Path, api: ApiServer) -> Iterator[None]:
    """The real ones: what makes pods of Deployments, and deletes what has lost its owner."""
    said = {
        "kubeconfig": kubeconfig(work, api.url, "controllers", name="controllers.json"),
        "controllers": ",".join(CONTROLLERS),
        "leader-elect": "false",
        "service-account-private-key-file": work / "key",
        "kube-api-qps": 300,
        "kube-api-burst": 300,
        "port": 0,
        "secure-port": free_port(),
        "bind-address": "127.0.0.1",
        "cert-dir": work / "controllers",
    }
    flags = [f"--{name}={value}" for name, value in said.items()]
    with api_server.program(work / "controllers.log", "kube-controller-manager", *flags) as process:
        wait_until(lambda: _has_account(api), f"the controllers work; see {work / 'controllers.log'}")
        assert process.poll() is None
        yield


def _has_account(api: ApiServer) -> bool:
    found = api.call("GET", "/api/v1/namespaces/default/serviceaccounts/default")
    return found.status == 200 and bool(found.data.get("secrets"))
