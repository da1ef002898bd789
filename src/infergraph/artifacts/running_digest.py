"""The SHA-256 of an artifact while it comes: a piece is read again from the page cache, not from the disk."""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from infergraph.artifacts.digest import combined
from infergraph.artifacts.source import RemoteFile

READ_BYTES = 1024 * 1024


class Piece(msgspec.Struct, frozen=True):
    """A part of a file, which is fetched by one request. ``end`` None: to the end, wherever that is."""

    number: int
    file: RemoteFile
    start: int
    end: int | None


class RunningDigest:
    """Follows the files in ``folder``, whose ``pieces`` are in the order of the files and of their bytes."""

    def __init__(self, files: Sequence[RemoteFile], pieces: Sequence[Piece], folder: Path) -> None:
        self._sums = {file.name: hashlib.sha256() for file in files}
        self._folder = folder
        self._there: set[int] = set()
        self._changed = threading.Condition()
        self._is_given_up = False
        pool = ThreadPoolExecutor(1, thread_name_prefix="digest")
        self._following = pool.submit(self._follow, pieces)
        pool.shutdown(wait=False)

    def add(self, number: int) -> None:
        """The piece of this number is there."""
        with self._changed:
            self._there.add(number)
            self._changed.notify()

    def give_up(self) -> None:
        """Not all will be there."""
        with self._changed:
            self._is_given_up = True
            self._changed.notify()

    def result(self) -> str:
        """The digest, in hexadecimal, once all pieces are there; see `combined`.

        :raises OSError: when a file cannot be read.
        """
        self._following.result()
        return combined({name: found.hexdigest() for name, found in self._sums.items()})

    def _follow(self, pieces: Sequence[Piece]) -> None:
        for piece in pieces:
            with self._changed:
                while not self._is_given_up and piece.number not in self._there:
                    self._changed.wait()
            if self._is_given_up:
                return
            for data in _bytes(self._folder / piece.file.name, piece):
                self._sums[piece.file.name].update(data)


def _bytes(path: Path, piece: Piece) -> Iterator[memoryview]:
    view = memoryview(bytearray(READ_BYTES))
    at = piece.start
    with path.open("rb", buffering=0) as file:
        file.seek(at)
        while piece.end is None or at < piece.end:
            most = READ_BYTES if piece.end is None else min(READ_BYTES, piece.end - at)
            count = file.readinto(view[:most])
            if not count:
                return
            at += count
            yield view[:count]
