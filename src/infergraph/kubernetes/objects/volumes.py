"""The volumes of every pod of ours: its annotations as a file, and where our containers write."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from infergraph.declaration import Container, VolumeMount

PODINFO_MOUNT: Final = VolumeMount(name="seldon-podinfo", mount_path="/etc/podinfo")
"""The pod's annotations, which engine and components read (SELDON_V1 §2.3)."""
SCRATCH_MOUNT: Final = VolumeMount(name="infergraph-tmp", mount_path="/tmp")  # noqa: S108 - a volume of the pod's own
"""What our containers write to: their root file system is read-only."""

_ANNOTATIONS: Final = {"path": "annotations", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.annotations"}}
_VOLUMES: Final[tuple[dict[str, Any], ...]] = (
    {"name": PODINFO_MOUNT.name, "downwardAPI": {"items": [_ANNOTATIONS], "defaultMode": 0o644}},
    {"name": SCRATCH_MOUNT.name, "emptyDir": {}},
)


def with_scratch(mounts: tuple[VolumeMount, ...]) -> tuple[VolumeMount, ...]:
    """The mounts with the scratch volume, unless the user mounts one there."""
    return mounts if any(mount.mount_path == SCRATCH_MOUNT.mount_path for mount in mounts) else (*mounts, SCRATCH_MOUNT)


def volumes_for(containers: Iterable[Container]) -> Iterator[dict[str, Any]]:
    """Those of the volumes that any container mounts."""
    mounted = {mount.name for container in containers for mount in container.volume_mounts}
    return (volume for volume in _VOLUMES if volume["name"] in mounted)
