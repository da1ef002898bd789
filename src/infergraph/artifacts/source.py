"""What every store is to us: a list of files, and the bytes of a part of one."""

from collections.abc import Iterator
from typing import Protocol

import msgspec


class RemoteFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of an artifact.

    ``name`` is its path in the artifact, ``key`` what its store calls it, ``size`` in bytes (None: not known before the
    end), ``version`` what changes with its content (an ETag). Where ``has_ranges`` is false it comes as a whole only.
    """

    name: str
    key: str
    size: int | None
    version: str
    has_ranges: bool = True


class Source(Protocol):
    """Where an artifact is. Both methods raise `Transient` for what may pass, and ArtifactError for what will not."""

    shown: str
    """The URI, without secrets."""
    identity: str
    """What tells this artifact from all others, without secrets."""

    def files(self) -> list[RemoteFile]:
        """All files, in the order of their names; never none."""
        ...

    def read(self, file: RemoteFile, start: int, end: int | None) -> Iterator[bytes | memoryview]:
        """The bytes from ``start`` up to ``end``, or up to the last one."""
        ...
