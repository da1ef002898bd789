"""Find the local files behind a ``modelUri``.

Local paths and ``file://`` are found as they are, any other URI when ``--artifact URI=PATH`` says where its files lie.
Nothing is fetched: `fetch` does that.
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from infergraph.artifacts.entry import check_readable, listing
from infergraph.artifacts.masked import masked
from infergraph.errors import ArtifactError

# As rclone reads a path: what stands before the first colon is a remote unless a slash comes earlier (SELDON_V1 §6).
_REMOTE = re.compile(r":?[^/:]+:")
CLAIMS = Path("/mnt/pvc")


def locate(uri: str, *, folder: Path, artifacts: Mapping[str, Path]) -> Path:
    """Return the readable local file or non-empty local folder that ``uri`` names.

    ``artifacts`` maps a URI, or the beginning of one up to a slash, to a path; the longest match wins and it goes
    before everything else. A relative path is relative to ``folder``, the manifest's.

    :raises ArtifactError: when the URI is remote and not in ``artifacts``, is malformed, or nothing readable is there.
    """
    if not uri.strip():
        raise ArtifactError("modelUri is empty; give a path relative to the manifest, such as ./model")
    shown = masked(uri)
    path = mapped(uri, artifacts) or _local(uri, shown, folder)
    return check_readable(path.absolute(), f"modelUri {shown}")


def is_local(uri: str) -> bool:
    """Whether ``uri`` is a path, ``file://``, or a claim that is mounted here as a cluster mounts it."""
    if uri.startswith("pvc://"):
        return CLAIMS.is_dir()
    return uri.startswith("file:") or Path(uri).is_absolute() or not _REMOTE.match(uri)


def find_model_file(path: Path, names: Sequence[str]) -> Path:
    """Return ``path`` when it is a file, or the first of ``names`` that the folder ``path`` holds.

    :raises ArtifactError: when nothing readable is there, or the folder holds none of ``names``.
    """
    check_readable(path, "the model")
    if not path.is_dir():
        return path
    for name in names:
        if os.path.lexists(path / name):
            return _plain_file(path / name)
    wanted = names[0] if len(names) == 1 else f"any of {', '.join(names)}"
    raise ArtifactError(f"no model file in {path}: looked for {wanted}, and the folder holds {listing(path)}")


def _plain_file(path: Path) -> Path:
    check_readable(path, "the model")
    if path.is_dir():
        raise ArtifactError(f"{path} is a folder, and the model file of that name was expected")
    return path


def mapped(uri: str, artifacts: Mapping[str, Path]) -> Path | None:
    """Return the path that ``artifacts`` has for ``uri``, None where it has none.

    It is looked up also as it is shown to the reader, so that no secret has to be typed again.
    """
    for known in sorted(artifacts, key=len, reverse=True):
        for name in (uri, masked(uri)):
            rest = _below(name.rstrip("/"), known.rstrip("/"))
            if rest is not None:
                return artifacts[known] / rest
    return None


def _below(uri: str, known: str) -> str | None:
    """Return the part of ``uri`` under ``known``: ``""`` when they are the same, None when it is not under it."""
    rest = uri.removeprefix(known)
    if not uri.startswith(known) or (rest and not rest.startswith("/")):
        return None
    if ".." in rest.split("/"):
        raise ArtifactError(f"modelUri {masked(uri)} climbs out of its folder with '..'; name the folder itself")
    return rest.lstrip("/")


def _local(uri: str, shown: str, folder: Path) -> Path:
    if not is_local(uri):
        raise ArtifactError(f"modelUri {shown} is not on this machine; --artifact {shown}=PATH says where a copy is")
    if uri.startswith("file:"):
        return _from_file_uri(uri)
    if uri.startswith("pvc://"):
        return _from_claim(uri)
    return folder / uri


def _from_claim(uri: str) -> Path:
    """The init container and the server of a cluster see one claim, at one path (SELDON_V1 §6)."""
    _, _, path = uri.removeprefix("pvc://").partition("/")
    if ".." in path.split("/"):
        raise ArtifactError(f"modelUri {uri} climbs out of its claim with '..'")
    return CLAIMS / path


def _from_file_uri(uri: str) -> Path:
    """Read ``file:/path``, ``file:///path`` and ``file://localhost/path``, with percent escapes."""
    path = uri.removeprefix("file:")
    if path.startswith("//"):
        host, slash, rest = path[2:].partition("/")
        if host not in {"", "localhost"}:
            raise ArtifactError(
                f"modelUri {masked(uri)} names the host {host!r}, and only this machine's files are read; "
                "write file:///absolute/path, or a path relative to the manifest without file://"
            )
        path = slash + rest
    if not path.startswith("/"):
        raise ArtifactError(f"modelUri {uri} is not absolute: write file:///absolute/path, or a plain relative path")
    return Path(unquote(path))
