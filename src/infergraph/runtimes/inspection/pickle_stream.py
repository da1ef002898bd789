"""The bytes of a pickle, read one piece at a time: large pieces are passed over, and an early end is noticed."""

import io
from pathlib import Path
from typing import BinaryIO

from infergraph.runtimes.file_bytes import decompressed, is_compressed

_LONGEST_LINE = 1 << 16
_CHUNK_BYTES = 1 << 20
_LONGEST_READ = 1 << 24  # what is longer is passed over; a buffer of any announced length is memory for an attacker


class CutShort(Exception):
    """Raised when the bytes end before the pickle does."""


class TooLong(Exception):
    """Raised when more has been read than is worth it."""


class PickleStream:
    """What is read of one pickle. Of a file that is not as it is on disk, at most ``most_bytes`` are unpacked."""

    def __init__(self, stream: BinaryIO, *, size: int | None = None, most_bytes: int = 1 << 32) -> None:
        """``size`` is that of a plain file, None where the bytes are unpacked as they are read."""
        self._stream = stream
        self._size = size
        self._left = most_bytes

    @classmethod
    def of_file(cls, file: Path) -> "PickleStream":
        """Return the content of ``file``, decompressed where it is compressed."""
        if is_compressed(file):
            return cls(io.BufferedReader(_Chunks(file)))
        return cls(file.open("rb"), size=file.stat().st_size)

    def read(self, count: int) -> bytes:
        """Return the next ``count`` bytes. :raises CutShort: when there are fewer."""
        if count > _LONGEST_READ:
            raise TooLong
        self._take(count)
        content = self._stream.read(count)
        if len(content) < count:
            raise CutShort
        return content

    def readline(self) -> bytes:
        """Return the next line with its end. :raises CutShort: when there is no end."""
        line = self._stream.readline(_LONGEST_LINE)
        self._take(len(line))
        if not line.endswith(b"\n"):
            raise CutShort
        return line

    def skip(self, count: int) -> None:
        """Pass over ``count`` bytes. :raises CutShort: when there are fewer."""
        if self._size is not None:
            if self._stream.tell() + count > self._size:
                raise CutShort
            self._stream.seek(count, io.SEEK_CUR)
            return
        while count > 0:
            count -= len(self.read(min(count, _CHUNK_BYTES)))

    def close(self) -> None:
        """Let the file go."""
        self._stream.close()

    def _take(self, count: int) -> None:
        self._left -= count if self._size is None else 0
        if self._left < 0:
            raise TooLong


class _Chunks(io.RawIOBase):
    """The content of a compressed file."""

    def __init__(self, file: Path) -> None:
        self._chunks = decompressed(file)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
