"""Images as archives that every runtime takes (as `docker save` writes them), of folders: no registry, no builder."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write(archive: Path, name: str, root: Path, *, config: Mapping[str, Any] | None = None) -> None:
    """An image ``name`` of one layer: the files below ``root``, owned by root, and how it is started."""
    layer = archive.with_suffix(".layer")
    digest = _layer(layer, root)
    image = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": dict(config or {}),
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
            "history": [{"created_by": "infergraph"}],
        }
    ).encode()
    config_name = f"{hashlib.sha256(image).hexdigest()}.json"
    manifest = [{"Config": config_name, "RepoTags": [name], "Layers": ["layer.tar"]}]
    with tarfile.open(archive, "w") as whole:
        _add(whole, config_name, image)
        whole.add(layer, "layer.tar")
        _add(whole, "manifest.json", json.dumps(manifest).encode())
    layer.unlink()


def pause(archive: Path, program: Path, name: str, work: Path) -> None:
    """The image that holds a pod's namespaces."""
    root = work / "pause"
    root.mkdir(parents=True, exist_ok=True)
    (root / "pause").write_bytes(program.read_bytes())
    (root / "pause").chmod(0o755)
    write(archive, name, root, config={"Entrypoint": ["/pause"], "User": "65535:65535"})


def _layer(layer: Path, root: Path) -> str:
    with tarfile.open(layer, "w") as files:
        files.add(root, ".", filter=_owned_by_root)
    with layer.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _owned_by_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


def _add(whole: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    whole.addfile(member, io.BytesIO(data))
