"""A network of its own: loopback, a bridge for the node, and no way out."""

import subprocess
from pathlib import Path

from cluster.places import NAMESPACE, NODE_ADDRESS, SERVICES
from cluster.processes import inside


def make() -> None:
    """Make it, where it is not there yet."""
    if Path("/run/netns", NAMESPACE).exists():
        return
    _run("ip", "netns", "add", NAMESPACE)
    for command in (
        "ip link set lo up",
        "ip link add node0 type bridge",
        f"ip addr add {NODE_ADDRESS}/24 dev node0",
        "ip link set node0 up",
        # What asks for the addresses of a cloud is told at once that there is none.
        "ip route add unreachable default",
        # The node opens connections to Services too; they are rewritten on the way.
        f"ip route add {SERVICES} dev node0",
        "sysctl -qw net.ipv4.ip_forward=1",
    ):
        _run(*inside(*command.split()))


def remove() -> None:
    """Remove it with all that is in it."""
    if Path("/run/netns", NAMESPACE).exists():
        _run("ip", "netns", "del", NAMESPACE)


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
