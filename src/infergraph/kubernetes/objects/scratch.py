"""Where our containers write: their root file system is read-only."""

from collections.abc import Iterable
from typing import Any, Final

from infergraph.declaration import Container, VolumeMount

SCRATCH: Final = "infergraph-tmp"
SCRATCH_MOUNT: Final = VolumeMount(name=SCRATCH, mount_path="/tmp")  # noqa: S108 - a volume of the pod's own
SCRATCH_VOLUME: Final[dict[str, Any]] = {"name": SCRATCH, "emptyDir": {}}


def with_scratch(mounts: tuple[VolumeMount, ...]) -> tuple[VolumeMount, ...]:
    """The mounts with the scratch volume, unless the user mounts one there."""
    return mounts if any(mount.mount_path == SCRATCH_MOUNT.mount_path for mount in mounts) else (*mounts, SCRATCH_MOUNT)


def uses_scratch(containers: Iterable[Container]) -> bool:
    """Whether any container mounts it."""
    return any(mount.name == SCRATCH for container in containers for mount in container.volume_mounts)
