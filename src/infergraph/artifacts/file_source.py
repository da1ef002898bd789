"""Files of this machine, for whoever wants a copy of them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from infergraph.artifacts.names import safe_name
from infergraph.artifacts.source import RemoteFile
from infergraph.errors import ArtifactError

_READ_BYTES = 1024 * 1024


class FileSource:
    """A file, or a folder with all that is below it. Links are followed to files, and not to folders."""

    def __init__(self, path: Path) -> None:
        self.shown = str(path)
        self.identity = str(path)
        self._path = path

    def files(self) -> list[RemoteFile]:
        if not self._path.is_dir():
            return [self._file(self._path, self._path.name)]
        found = []
        for folder, _, names in os.walk(self._path, onerror=_refuse):
            paths = [Path(folder, name) for name in names]
            found += [self._file(path, path.relative_to(self._path).as_posix()) for path in paths]
        return sorted(found, key=lambda file: file.name)

    def read(self, file: RemoteFile, start: int, end: int | None) -> Iterator[bytes]:
        with Path(file.key).open("rb") as opened:
            opened.seek(start)
            while end is None or start < end:
                size = _READ_BYTES if end is None else min(_READ_BYTES, end - start)
                data = opened.read(size)
                if not data:
                    raise ArtifactError(f"{self.shown}: {file.name} became shorter while it was copied")
                start += len(data)
                yield data

    def _file(self, path: Path, name: str) -> RemoteFile:
        try:
            found = path.stat()
        except OSError as error:
            raise ArtifactError(f"{self.shown}: {path}: {error.strerror}") from None
        if not stat.S_ISREG(found.st_mode):
            raise ArtifactError(f"{self.shown}: {path} is no plain file, and is not copied")
        version = f"{found.st_mtime_ns}-{found.st_ino}"
        return RemoteFile(name=safe_name(name, self.shown), key=str(path), size=found.st_size, version=version)


def _refuse(error: OSError) -> None:
    raise ArtifactError(f"{error.filename}: {error.strerror}")
