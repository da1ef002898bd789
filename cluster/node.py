"""A node: containerd, kubelet and kube-proxy, with networks and control groups of their own."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Final

from cluster import kernel
from cluster.control_plane import kubectl_command
from cluster.places import CGROUP, DNS_SERVICE, KEYS, NODE, NODE_ADDRESS, PODS, RUN, SOCKET, STATE, programs
from cluster.processes import Failed, end_children_of, running, start, stop, succeeds, wait_until

PAUSE: Final = "infergraph.local/pause:1"
CTR: Final = ("ctr", f"--address={SOCKET}", "--namespace=k8s.io")
_CONTAINERD: Final = RUN / "containerd.toml"
_KUBELET: Final = RUN / "kubelet.json"
_CGROUPS: Final = Path("/sys/fs/cgroup")
_OFF: Final = ("opt", "btrfs", "devmapper", "zfs", "aufs")


def start_containerd() -> None:
    """Start it where it does not run: from then on it takes images."""
    SOCKET.parent.mkdir(parents=True, exist_ok=True)
    (STATE / "containerd").mkdir(parents=True, exist_ok=True)
    _CONTAINERD.write_text(_containerd())
    network = RUN / "cni/10-bridge.conflist"
    network.parent.mkdir(exist_ok=True)
    network.write_text(json.dumps(_network()))
    start("containerd", "containerd", "--config", _CONTAINERD)
    wait_until(lambda: succeeds([*CTR, "version"]), "containerd", seconds=60, program="containerd")


def up() -> None:
    """Start kubelet and kube-proxy, and wait until the node is ready."""
    for hierarchy in _hierarchies():
        _make_cgroup(hierarchy)
    (RUN / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    _KUBELET.write_text(json.dumps(_kubelet()))
    (STATE / "kubelet").mkdir(exist_ok=True)
    with kernel.kept():
        start("kubelet", programs() / "kubelet", flags=_kubelet_flags())
        start("kube-proxy", programs() / "kube-proxy", flags=_proxy_flags())
        wait_until(_is_ready, "the node is ready", seconds=120, program="kubelet")


def down() -> None:
    """End all pods and programs, and take away mounts, control groups and files. It is well with nothing there."""
    stop("kubelet")
    stop("kube-proxy")
    if running("containerd") is not None:
        _end_pods()
    end_children_of(str(SOCKET))
    stop("containerd")
    own = [folder / CGROUP for folder in _CGROUPS.iterdir() if (folder / CGROUP).is_dir()]
    for folder in own:
        _end_processes(folder)
    for folder in own:
        _remove_cgroup(folder)
    if left := _unmount():
        raise Failed(f"still mounted, and removing it would remove what is behind it: {', '.join(left)}")
    shutil.rmtree(STATE, ignore_errors=True)


def import_image(archive: Path) -> None:
    """Give containerd an image from an archive as `docker save` writes it."""
    subprocess.run([*CTR, "images", "import", "--snapshotter=overlayfs", str(archive)], check=True, capture_output=True)


def _is_ready() -> bool:
    found = "jsonpath={.status.conditions[?(@.type=='Ready')].status}"
    asked = [*kubectl_command(), "get", "node", NODE, "-o", found]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout == "True"


def _containerd() -> str:
    cri = 'plugins."io.containerd.grpc.v1.cri"'
    off = ", ".join(f'"io.containerd.{"internal" if name == "opt" else "snapshotter"}.v1.{name}"' for name in _OFF)
    return f"""\
version = 2
root = "{STATE}/containerd"
state = "{RUN}/containerd"
disabled_plugins = [{off}]
[grpc]
  address = "{SOCKET}"
[{cri}]
  sandbox_image = "{PAUSE}"
  netns_mounts_under_state_dir = true
  disable_apparmor = true
  # Without the right to lower it, a pod could not be made at all.
  restrict_oom_score_adj = true
  [{cri}.containerd]
    snapshotter = "overlayfs"
    [{cri}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [{cri}.containerd.runtimes.runc.options]
        SystemdCgroup = false
        Root = "{RUN}/runc"
  [{cri}.cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{RUN}/cni"
"""


def _network() -> dict[str, object]:
    addresses = {"type": "host-local", "ranges": [[{"subnet": PODS}]], "dataDir": f"{RUN}/addresses"}
    bridge = {"type": "bridge", "bridge": "pods0", "isGateway": True, "isDefaultGateway": True, "hairpinMode": True}
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "0.4.0", "name": "pods", "plugins": [{**bridge, "ipMasq": False, "ipam": addresses}, ports]}


def _kubelet() -> dict[str, object]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(KEYS / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{CGROUP}",
        "clusterDNS": [DNS_SERVICE],
        "clusterDomain": "cluster.local",
        "failSwapOn": False,
        "resolvConf": str(RUN / "resolv.conf"),
        "tlsCertFile": str(KEYS / "kubelet.crt"),
        "tlsPrivateKeyFile": str(KEYS / "kubelet.key"),
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "100Mi", "imagefs.available": "100Mi"},
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "nodeStatusUpdateFrequency": "1s",
        "syncFrequency": "5s",
        "volumeStatsAggPeriod": "30s",
        "registryPullQPS": 0,
        "eventRecordQPS": 0,
    }


def _kubelet_flags() -> dict[str, object]:
    return {
        "config": _KUBELET,
        "kubeconfig": KEYS / "kubelet.kubeconfig",
        "container-runtime": "remote",
        "container-runtime-endpoint": f"unix://{SOCKET}",
        "image-service-endpoint": f"unix://{SOCKET}",
        "hostname-override": NODE,
        "node-ip": NODE_ADDRESS,
        "root-dir": STATE / "kubelet",
        "cert-dir": RUN / "kubelet-keys",
        "pod-infra-container-image": PAUSE,
        "volume-plugin-dir": RUN / "volume-plugins",
        "housekeeping-interval": "5s",
    }


def _proxy_flags() -> dict[str, object]:
    tracking = {
        f"conntrack-{name}": 0 for name in ("max-per-core", "tcp-timeout-established", "tcp-timeout-close-wait")
    }
    return {
        "kubeconfig": KEYS / "kube-proxy.kubeconfig",
        "hostname-override": NODE,
        "proxy-mode": "iptables",
        "cluster-cidr": PODS,
        "healthz-bind-address": "127.0.0.1:10256",
        "iptables-min-sync-period": "200ms",
        **tracking,
    }


def _hierarchies() -> list[Path]:
    return [folder for folder in _CGROUPS.iterdir() if folder.is_dir() and folder.name != "unified"]


def _make_cgroup(hierarchy: Path) -> None:
    """A kubelet removes control groups of pods that it does not know: it gets a root of its own."""
    own = hierarchy / CGROUP
    own.mkdir(exist_ok=True)
    for name in ("cpuset.cpus", "cpuset.mems"):
        if (hierarchy / name).exists():
            (own / name).write_text((hierarchy / name).read_text())


def _end_processes(own: Path) -> None:
    """End what still runs in our control groups: the containers of a containerd that was killed outlive it."""
    deadline = time.monotonic() + 5
    while (pids := _pids(own)) and time.monotonic() < deadline:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def _pids(own: Path) -> list[int]:
    return [int(pid) for file in own.rglob("cgroup.procs") for pid in file.read_text().split()]


def _remove_cgroup(own: Path) -> None:
    """Remove it, the innermost first."""
    for folder in sorted((path for path in own.rglob("*") if path.is_dir()), reverse=True):
        with contextlib.suppress(OSError):
            folder.rmdir()
    with contextlib.suppress(OSError):
        own.rmdir()


def _end_pods() -> None:
    for task in _listed("tasks"):
        subprocess.run([*CTR, "tasks", "kill", "--signal=KILL", task], capture_output=True, check=False)
    deadline = time.monotonic() + 5
    while (left := _listed("tasks")) and time.monotonic() < deadline:
        for task in left:
            subprocess.run([*CTR, "tasks", "rm", "--force", task], capture_output=True, check=False)
    for container in _listed("containers"):
        subprocess.run([*CTR, "containers", "rm", container], capture_output=True, check=False)


def _listed(what: str) -> list[str]:
    found = subprocess.run([*CTR, what, "ls", "-q"], capture_output=True, text=True, check=False, timeout=30)
    return found.stdout.split()


def _unmount() -> list[str]:
    """Unmount all that is below our folders: what could not be."""
    for place in _mounted():
        subprocess.run(["umount", "--lazy", place], capture_output=True, check=False)
    return _mounted()


def _mounted() -> list[str]:
    ours = (f"{STATE}/", f"{RUN}/")
    places = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return sorted((one for one in places if one.startswith(ours)), reverse=True)
