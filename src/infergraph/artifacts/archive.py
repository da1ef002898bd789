"""Archives, taken apart so that nothing gets out of the folder, and nothing fills the disk.

Only plain files and folders are taken; links, devices and pipes are refused, so that no name can lead through one.
"""

import gzip
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from infergraph.artifacts.names import safe_name
from infergraph.errors import ArtifactError

_READ_BYTES = 1024 * 1024
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError)


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """How much may come out of an archive.

    ``ratio`` times its own size, but ``free_bytes`` are not looked at; never more than ``most_bytes``.
    """

    most_entries: int = 100_000
    most_bytes: int = 200 * 1024**3
    ratio: int = 100
    free_bytes: int = 256 * 1024**2

    def bytes_for(self, archive_bytes: int) -> int:
        """How many bytes may come out of an archive of this size."""
        return min(self.most_bytes, max(self.free_bytes, self.ratio * archive_bytes))


class Member(msgspec.Struct, frozen=True):
    """A file in an archive; ``content`` is read to its end before the next member is asked for."""

    name: str
    content: IO[bytes]


def extract(archive: Path, folder: Path, bounds: Bounds | None = None) -> None:
    """Write the files of ``archive`` into the new folder ``folder``.

    :raises ArtifactError: when it is broken, or holds what is refused. Then ``folder`` holds a part, and nothing
        lies outside of it.
    """
    limits = bounds or Bounds()
    what = f"the archive {archive.name}"
    left = limits.bytes_for(archive.stat().st_size)
    folder.mkdir()
    members = _zip_members(archive, what, limits) if archive.name.lower().endswith(".zip") else None
    try:
        for member in members or _tar_members(archive, what, limits):
            left -= _write(member, folder, left, what)
    except _BROKEN as error:
        raise ArtifactError(f"{what} is broken: {str(error) or type(error).__name__}") from None
    except FileExistsError as error:
        raise ArtifactError(f"{what} holds {Path(str(error.filename)).name!r} twice, or as file and folder") from None
    except NotADirectoryError as error:
        raise ArtifactError(f"{what} holds {Path(str(error.filename)).name!r} below a file") from None
    if not any(folder.iterdir()):
        raise ArtifactError(f"{what} is empty")


def _write(member: Member, folder: Path, left: int, what: str) -> int:
    path = folder / member.name
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    # A new file only, never through a link, and without the archive's own permissions.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644), "wb") as file:
        while data := member.content.read(_READ_BYTES):
            written += len(data)
            if written > left:
                raise ArtifactError(
                    f"{what} grows to many times its size: it looks like a zip bomb; nothing of it is used"
                )
            file.write(data)
    return written


def _tar_members(archive: Path, what: str, bounds: Bounds) -> Iterator[Member]:
    with tarfile.open(archive, "r|*") as opened:
        for count, info in enumerate(opened):
            _check_count(count, what, bounds)
            if info.isdir() and info.name in {".", "./"}:
                continue
            name = safe_name(info.name, what)
            if info.isdir():
                continue
            content = opened.extractfile(info) if info.isreg() and not info.issparse() else None
            if content is None:
                raise ArtifactError(f"{what} holds {name!r}, which is {_kind(info)}; only plain files are taken")
            yield Member(name, content)


def _kind(info: tarfile.TarInfo) -> str:
    if info.issym() or info.islnk():
        return f"a link to {info.linkname[:200]!r}"
    if info.isdev():
        return "a device or a pipe"
    return "a sparse file" if info.issparse() else "no plain file"


def _zip_members(archive: Path, what: str, bounds: Bounds) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as opened:
        for count, info in enumerate(opened.infolist()):
            _check_count(count, what, bounds)
            name = safe_name(info.filename.replace("\\", "/") if info.create_system == 0 else info.filename, what)
            kind = info.external_attr >> 16 & 0o170000
            if info.is_dir():
                continue
            if info.flag_bits & 1:
                raise ArtifactError(f"{what} is encrypted, and there is no password for it")
            if kind not in {0, 0o100000}:
                raise ArtifactError(f"{what} holds {name!r}, which is a link or no plain file; only those are taken")
            try:
                content = opened.open(info)
            except NotImplementedError as error:
                raise ArtifactError(f"{what} cannot be read: {error}") from None
            with content:
                yield Member(name, content)


def _check_count(count: int, what: str, bounds: Bounds) -> None:
    if count >= bounds.most_entries:
        raise ArtifactError(f"{what} holds more than {bounds.most_entries:,} entries")
