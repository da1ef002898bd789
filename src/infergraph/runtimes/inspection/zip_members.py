"""Members of a zip, read with a limit: a small file may claim to unpack to a large one."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

MOST_BYTES = 64 << 20


@contextmanager
def opened_zip(file: Path) -> Iterator[zipfile.ZipFile]:
    """Open ``file``. :raises zipfile.BadZipFile: when it is no whole zip."""
    with zipfile.ZipFile(file) as archive:
        yield archive


def read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the content of a member, up to a limit; empty when there is none of that name.

    :raises zipfile.BadZipFile: when it is damaged.
    """
    if name not in archive.NameToInfo:
        return b""
    with open_member(archive, name) as stream:
        return stream.read(MOST_BYTES)


def open_member(archive: zipfile.ZipFile, name: str) -> BinaryIO:
    """Open a member to read it piece by piece."""
    return archive.open(name)  # type: ignore[return-value]  # it has what a BinaryIO needs to be read


def ending(archive: zipfile.ZipFile, end: str) -> list[str]:
    """Return the names of the members that end so."""
    return [name for name in archive.namelist() if name.endswith(end)]
