"""The pod's annotations as a file, which engine and components read (SELDON_V1 §2.3)."""

from typing import Any, Final

from infergraph.declaration import VolumeMount

PODINFO: Final = "seldon-podinfo"
PODINFO_MOUNT: Final = VolumeMount(name=PODINFO, mount_path="/etc/podinfo")
PODINFO_VOLUME: Final[dict[str, Any]] = {
    "name": PODINFO,
    "downwardAPI": {
        "items": [{"path": "annotations", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.annotations"}}],
        "defaultMode": 0o644,
    },
}
