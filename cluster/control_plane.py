"""etcd, the API server, the controllers and the scheduler, as ordinary processes."""

from typing import Final

from cluster.places import KEYS, KUBECONFIG, NODE_ADDRESS, RUN, SERVICES, programs
from cluster.processes import inside, start, stop, succeeds, wait_until

NAMES: Final = ("kube-scheduler", "kube-controller-manager", "kube-apiserver", "etcd")
_ETCD: Final = "http://127.0.0.1:2379"
_PEERS: Final = "http://127.0.0.1:2380"
# What a cloud, a network of routes or volumes of others would need.
_OFF: Final = ("nodeipam", "route", "service", "cloud-node-lifecycle", "persistentvolume-expander", "attachdetach")


def up() -> None:
    """Start what does not run, each when that before it is ready."""
    start("etcd", programs() / "etcd", flags=_etcd())
    start("kube-apiserver", programs() / "kube-apiserver", flags=_api_server())
    kubectl = kubectl_command()
    wait_until(
        lambda: succeeds([*kubectl, "get", "--raw", "/readyz"]), "the API server", seconds=120, program="kube-apiserver"
    )
    start("kube-controller-manager", programs() / "kube-controller-manager", flags=_controllers())
    start("kube-scheduler", programs() / "kube-scheduler", flags=_scheduler())
    account = [*kubectl, "-n", "default", "get", "serviceaccount", "default"]
    wait_until(lambda: succeeds(account), "the first service account", seconds=90, program="kube-controller-manager")


def down() -> None:
    """End them, the last one first."""
    for name in NAMES:
        stop(name)


def kubectl_command() -> list[str]:
    """kubectl, in the cluster's network, as its administrator."""
    return inside(programs() / "kubectl", f"--kubeconfig={KUBECONFIG}")


def _etcd() -> dict[str, object]:
    return {
        "data-dir": RUN / "etcd",
        "listen-client-urls": _ETCD,
        "advertise-client-urls": _ETCD,
        "listen-peer-urls": _PEERS,
        "initial-advertise-peer-urls": _PEERS,
        "initial-cluster": f"default={_PEERS}",
        "unsafe-no-fsync": "true",
    }


def _api_server() -> dict[str, object]:
    front = "requestheader-"
    return {
        "etcd-servers": _ETCD,
        "advertise-address": NODE_ADDRESS,
        "secure-port": 6443,
        "service-cluster-ip-range": SERVICES,
        "allow-privileged": "true",
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        "client-ca-file": KEYS / "ca.crt",
        "tls-cert-file": KEYS / "apiserver.crt",
        "tls-private-key-file": KEYS / "apiserver.key",
        "kubelet-client-certificate": KEYS / "kubelet-client.crt",
        "kubelet-client-key": KEYS / "kubelet-client.key",
        "kubelet-preferred-address-types": "InternalIP,Hostname",
        "service-account-key-file": KEYS / "service-accounts.pub",
        "service-account-signing-key-file": KEYS / "service-accounts.key",
        "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
        f"{front}client-ca-file": KEYS / "front-proxy-ca.crt",
        f"{front}allowed-names": "front-proxy-client",
        f"{front}extra-headers-prefix": "X-Remote-Extra-",
        f"{front}group-headers": "X-Remote-Group",
        f"{front}username-headers": "X-Remote-User",
        "proxy-client-cert-file": KEYS / "front-proxy-client.crt",
        "proxy-client-key-file": KEYS / "front-proxy-client.key",
        "enable-aggregator-routing": "true",
        "feature-gates": "HPAContainerMetrics=true",
    }


def _controllers() -> dict[str, object]:
    return {
        **_as("controller-manager"),
        "use-service-account-credentials": "true",
        "controllers": ",".join(["*", *(f"-{name}" for name in _OFF)]),
        "service-account-private-key-file": KEYS / "service-accounts.key",
        "root-ca-file": KEYS / "ca.crt",
        "cluster-signing-cert-file": KEYS / "ca.crt",
        "cluster-signing-key-file": KEYS / "ca.key",
        "allocate-node-cidrs": "false",
        # As fast as it can be watched: a cluster of people is slower, and the same.
        "horizontal-pod-autoscaler-sync-period": "5s",
        "horizontal-pod-autoscaler-downscale-stabilization": "20s",
        "horizontal-pod-autoscaler-initial-readiness-delay": "5s",
        "horizontal-pod-autoscaler-cpu-initialization-period": "20s",
        "pvclaimbinder-sync-period": "2s",
        "node-monitor-grace-period": "20s",
        "pod-eviction-timeout": "30s",
    }


def _scheduler() -> dict[str, object]:
    return _as("scheduler")


def _as(name: str) -> dict[str, object]:
    who = KEYS / f"{name}.kubeconfig"
    alone = {"leader-elect": "false", "bind-address": "127.0.0.1", "port": 0}
    return {"kubeconfig": who, "authentication-kubeconfig": who, "authorization-kubeconfig": who, **alone}
