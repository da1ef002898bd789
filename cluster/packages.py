"""What Debian has to bring: looked for by command, installed where it is missing."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

_PACKAGES: Final = {
    "containerd": "containerd",
    "runc": "runc",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "ethtool": "ethtool",
    "socat": "socat",
    "ip": "iproute2",
    "openssl": "openssl",
    "nsenter": "util-linux",
    "dpkg-source": "dpkg-dev",
}
_PLUGINS: Final = Path("/usr/lib/cni/bridge")


class NotPossible(Exception):
    """Why there can be no cluster on this machine."""


def check() -> None:
    """That pods can be had here.

    :raises NotPossible: with the reason.
    """
    if os.geteuid() != 0:
        raise NotPossible("a cluster needs root: network namespaces, mounts and control groups are made")
    missing = [name for name in ("cpu", "memory", "pids", "cpuset") if not Path("/sys/fs/cgroup", name).is_dir()]
    if missing:
        raise NotPossible(
            f"a kubelet of 1.20 needs control groups of version 1, and here is none of {', '.join(missing)}"
        )
    if not shutil.which("apt-get"):
        raise NotPossible("the programs are built of Debian 12's sources, and here is no apt-get")


def install() -> None:
    """Bring what is missing.

    :raises NotPossible: when it cannot be had.
    """
    missing = [package for command, package in _PACKAGES.items() if not shutil.which(command)]
    if not _PLUGINS.exists():
        missing.append("containernetworking-plugins")
    if not missing:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # Debian starts what it installs; a containerd of the machine would be one too many.
    policy = Path("/usr/sbin/policy-rc.d")
    is_ours = not policy.exists()
    if is_ours:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        subprocess.run(["apt-get", "-qq", "update"], check=False, env=environment)
        flags = ["-qq", "-y", "--no-install-recommends"]
        done = subprocess.run(["apt-get", "install", *flags, *missing], check=False, env=environment)
    finally:
        if is_ours:
            policy.unlink()
    if done.returncode:
        raise NotPossible(f"apt-get cannot install {' '.join(missing)}")
