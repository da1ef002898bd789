"""Commands in a mount namespace of their own, in which file systems are as the test wants them."""

import functools
import os
import subprocess
from pathlib import Path

import pytest

READ_ONLY = "mount -o remount,bind,ro /"
"""The root file system, with everything that is no mount of its own."""


def no_shared_memory() -> str:
    return "mount -t tmpfs -o ro tmpfs /dev/shm"


def little_shared_memory() -> str:
    return "mount -t tmpfs -o size=64m tmpfs /dev/shm"


def read_only(folder: Path) -> str:
    return f"mount -t tmpfs -o ro tmpfs {folder}"


def full(folder: Path) -> str:
    """A file system on which neither a file can be made nor a byte be written."""
    fill = f"dd if=/dev/zero of={folder}/filling bs=4k status=none 2>/dev/null"
    return f"mount -t tmpfs -o size=64k,nr_inodes=2 tmpfs {folder} && ({fill}; true)"


def launcher(*mounts: str) -> tuple[str, ...]:
    """What runs the command behind it after these mounts. Skips where the system grants no mounts to users."""
    if not _is_granted():
        pytest.skip("no mount namespace is granted here")
    script = " && ".join([*mounts, 'exec "$@"'])
    return ("unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh")


@functools.cache
def _is_granted() -> bool:
    command = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", os.path.realpath("/tmp")]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
