"""A command in a root file system of its own, as a container's runtime starts it: with namespaces, and no Docker."""

import functools
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

DEVICES = ("null", "zero", "full", "random", "urandom")


def require() -> None:
    """Skip where the system grants no user namespaces with mounts."""
    if not _is_granted():
        pytest.skip("no user namespaces with mounts are granted here")


def run_in(
    root: Path,
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    workdir: str,
    mounts: Mapping[str, Path],
    user: int = 0,
    is_building: bool = False,
) -> list[str]:
    """What runs a command as process 1 in this root, with this user and environment alone.

    The root is read-only, but for an empty /tmp in memory; while an image is built it can be written.
    """
    steps = [f"mount --bind {shlex.quote(str(root))} {shlex.quote(str(root))}"]
    for inside, outside in mounts.items():
        steps += _bound(root, inside, outside)
    steps += _system(root)
    if not is_building:
        steps.append(f"mount -o remount,bind,ro {shlex.quote(str(root))}")
    confined = ["--map-user", str(user), "--map-group", str(user), "--root", str(root), "--wd", workdir]
    start = [
        *(str(shutil.which("env")), "-i", *(f"{name}={value}" for name, value in env.items())),
        *(str(shutil.which("unshare")), "--user", *confined, "--", *command),
    ]
    steps.append("exec " + shlex.join(start))
    return ["unshare", *_OUTER, "sh", "-ec", "\n".join(steps)]


_OUTER = ("--map-root-user", "--mount", "--pid", "--fork", "--kill-child")


def _bound(root: Path, inside: str, outside: Path) -> list[str]:
    """A file or folder of this machine at a path of the root, which must have one of its kind to mount it on."""
    target = root / inside.lstrip("/")
    if outside.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    return [f"mount --bind {shlex.quote(str(outside))} {shlex.quote(str(target))}"]


def _system(root: Path) -> list[str]:
    """/proc, /dev and /tmp."""
    place = shlex.quote(str(root))
    devices = [f"touch {place}/dev/{name}; mount --bind /dev/{name} {place}/dev/{name}" for name in DEVICES]
    return [
        f"mount -t proc proc {place}/proc",
        f"mount -t tmpfs -o mode=755 tmpfs {place}/dev",
        *devices,
        f"mkdir -m 1777 {place}/dev/shm",
        f"mount -t tmpfs -o mode=1777 tmpfs {place}/tmp",
    ]


@functools.cache
def _is_granted() -> bool:
    """Whether a program of this machine can be started so, in this machine's own root."""
    if sys.platform != "linux" or not shutil.which("unshare"):
        return False
    steps = "mount -t proc proc /proc && mount -t tmpfs tmpfs /tmp && exec unshare --user --map-user 8888 --root / true"
    done = subprocess.run(["unshare", *_OUTER, "sh", "-c", steps], capture_output=True, check=False)
    return done.returncode == 0
