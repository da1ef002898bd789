"""`python3 -m cluster up|down|kubectl|exec|load`: the commands behind `make cluster-up` and its kin."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cluster import addons, archive, control_plane, keys, network, node, packages
from cluster.places import HERE, KUBECONFIG, NAMESPACE, RUN, programs
from cluster.processes import Failed, inside, stop


def up() -> None:
    """Bring the cluster up; what runs already is left as it is."""
    packages.check()
    for what, step in (
        ("packages of Debian", packages.install),
        ("programs", _build),
        ("network", network.make),
        ("keys", keys.make),
        ("control plane", control_plane.up),
        ("container runtime", _runtime),
        ("node", node.up),
        ("names", addons.up),
    ):
        _timed(what, step)
    print(f"\nThe cluster runs. Its network is the namespace {NAMESPACE}:\n")
    print("  python3 -m cluster kubectl get nodes")
    print(f"  nsenter --net=/run/netns/{NAMESPACE} env KUBECONFIG={KUBECONFIG} PATH={programs()}:$PATH bash")


def down() -> None:
    """Take it down, and whatever an earlier one has left."""
    stop("names")
    node.down()
    control_plane.down()
    network.remove()
    shutil.rmtree(RUN, ignore_errors=True)


def load(file: Path) -> None:
    """Give the node an image."""
    node.import_image(file)


def _build() -> None:
    subprocess.run([HERE / "build.sh"], check=True, stdout=subprocess.DEVNULL)


def _runtime() -> None:
    node.start_containerd()
    image = RUN / "pause.tar"
    archive.pause(image, programs() / "pause", node.PAUSE, RUN)
    node.import_image(image)


def _timed(what: str, step: Callable[[], None]) -> None:
    began = time.monotonic()
    RUN.mkdir(parents=True, exist_ok=True)
    step()
    print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)


def main() -> int:
    """The command line: what follows `kubectl` and `exec` is theirs, options too."""
    parser = argparse.ArgumentParser(prog="python3 -m cluster", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help=up.__doc__)
    commands.add_parser("down", help=down.__doc__)
    commands.add_parser("load", help=load.__doc__).add_argument("file", type=Path)
    commands.add_parser("kubectl", help="kubectl, as the administrator", add_help=False)
    commands.add_parser("exec", help="a command in the cluster's network", add_help=False)
    asked = parser.parse_args(sys.argv[1:2] if sys.argv[1:2] in (["kubectl"], ["exec"]) else None)
    try:
        _carry_out(asked, sys.argv[2:])
    except (Failed, packages.NotPossible, subprocess.CalledProcessError) as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1
    return 0


def _carry_out(asked: argparse.Namespace, rest: list[str]) -> None:
    match asked.command:
        case "kubectl":
            _become([*control_plane.kubectl_command(), *rest])
        case "exec":
            os.environ["KUBECONFIG"] = str(KUBECONFIG)
            _become(inside(*rest))
        case "load":
            load(asked.file)
        case "up":
            up()
        case "down":
            down()


def _become(command: list[str]) -> None:
    os.execvp(command[0], command)


if __name__ == "__main__":
    sys.exit(main())
