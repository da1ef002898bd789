"""Names of files that others chose: keys of a store, members of an archive. None may lead out of its folder."""

import re
from pathlib import Path

from infergraph.errors import ArtifactError

LONGEST_BYTES = 255  # NAME_MAX of every common file system
DEEPEST = 64

ARCHIVES = (".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tar.xz", ".zip")

_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def safe_name(name: str, what: str) -> str:
    """Return ``name``, a relative path with forward slashes, without empty parts and ``.``.

    ``what`` begins the message, as in "the archive model.zip".

    :raises ArtifactError: when it could lead out of the folder that it is for, or no file can have it.
    """
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if wrong := _wrong(name, parts):
        raise ArtifactError(f"{what} holds {name[:200]!r}, which {wrong}; nothing of it is used")
    return "/".join(parts)


def is_archive(name: str) -> bool:
    """Whether a file of this name is taken apart."""
    return name.lower().endswith(ARCHIVES)


def _wrong(name: str, parts: list[str]) -> str | None:
    if name.startswith(("/", "\\")) or _DRIVE.match(name):
        return "is an absolute path"
    if ".." in re.split(r"[/\\]", name):
        return "climbs out of its folder"
    return "is no name" if not parts else _impossible(name, parts)


def _impossible(name: str, parts: list[str]) -> str | None:
    if _CONTROL.search(name):
        return "has control characters in it"
    if len(parts) > DEEPEST:
        return f"lies deeper than {DEEPEST} folders"
    if any(len(part.encode(errors="surrogateescape")) > LONGEST_BYTES for part in parts):
        return f"has a name of more than {LONGEST_BYTES} bytes"
    return None


def check_together(names: list[str], what: str) -> None:
    """Check that all of the names can be files beside each other.

    :raises ArtifactError: when one comes twice, or is a file in one name and a folder in another.
    """
    seen = set(names)
    if len(seen) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ArtifactError(f"{what} holds {twice!r} twice")
    for name in names:
        for folder in Path(name).parents:
            if str(folder) in seen:
                raise ArtifactError(f"{what} holds {str(folder)!r} as a file and as a folder")
