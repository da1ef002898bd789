"""Files of a store into a folder: in parallel, in pieces, and on from where it broke off."""

import errno
import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import msgspec

from infergraph.artifacts.progress import Progress
from infergraph.artifacts.retry import Failures, Retry, Transient
from infergraph.artifacts.running_digest import Piece, RunningDigest
from infergraph.artifacts.source import RemoteFile, Source
from infergraph.errors import ArtifactError

PIECE_BYTES = 16 * 1024 * 1024
THREADS = 8
FORWARD_BYTES = 1024 * 1024
"""After so many bytes in a row, failures before them count no more."""


class Came(msgspec.Struct, frozen=True):
    """What a download brought: the folder with the files, and their digest."""

    folder: Path
    sha256: str


class Download:
    """One artifact on its way into ``folder``, which holds ``files/`` and a journal of the pieces that are there.

    Who makes two of them for the same folder sees to it that the artifact is the same, and that the first has ended.
    ``most_bytes`` bounds files whose size the store does not say.
    """

    def __init__(
        self, source: Source, files: list[RemoteFile], folder: Path, progress: Progress, retry: Retry, most_bytes: int
    ) -> None:
        self._source = source
        self._files = files
        self._folder = folder
        self._progress = progress
        self._retry = retry
        self._most_bytes = most_bytes
        self._given_up = threading.Event()

    def run(self) -> Came:
        """Fetch what is not there yet.

        :raises ArtifactError: when that cannot be done. What came stays, for the next attempt, unless the disk is full.
        """
        try:
            return self._run()
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
                shutil.rmtree(self._folder, ignore_errors=True)
            raise ArtifactError(f"{self._source.shown}: cannot write to {self._folder}: {error.strerror}") from None

    def _run(self) -> Came:
        target = self._folder / "files"
        target.mkdir(parents=True, exist_ok=True)
        pieces = list(_pieces(self._files))
        journal = _Journal(self._folder / "journal")
        missing = [piece for piece in pieces if piece.number not in journal.done]
        self._check_space(missing)
        _make_files(self._files, target)
        sizes = [file.size for file in self._files]
        total = None if None in sizes else sum(size or 0 for size in sizes)
        there = sum((piece.end or 0) - piece.start for piece in pieces if piece.number in journal.done)
        self._progress.begin(self._source.shown, files=len(self._files), total_bytes=total, done_bytes=there)
        digest = RunningDigest(self._files, pieces, target)
        for number in journal.done:
            digest.add(number)
        with journal, ThreadPoolExecutor(THREADS, thread_name_prefix="fetch") as pool:
            running = {pool.submit(self._fetch, piece, target, journal): piece for piece in missing}
            try:
                for future in as_completed(running):
                    future.result()
                    digest.add(running[future].number)
            except BaseException:
                self._given_up.set()  # also when somebody presses Ctrl-C
                digest.give_up()
                pool.shutdown(cancel_futures=True)
                raise
        for file in self._files:
            with (target / file.name).open("rb") as written:
                os.fsync(written.fileno())
        self._progress.end()
        return Came(target, digest.result())

    def _check_space(self, missing: list[Piece]) -> None:
        """Better now than after an hour. It also refuses a file that claims to be huge."""
        needed, free = sum((piece.end or 0) - piece.start for piece in missing), shutil.disk_usage(self._folder).free
        if needed > free:
            raise ArtifactError(
                f"{self._source.shown} needs {needed:,} bytes, and {self._folder} has {free:,} bytes free"
            )

    def _fetch(self, piece: Piece, target: Path, journal: "_Journal") -> None:
        failures = Failures(self._retry, f"{self._source.shown}: {piece.file.name}")
        descriptor = os.open(target / piece.file.name, os.O_WRONLY | os.O_NOFOLLOW)
        at, is_whole = piece.start, False
        try:
            while not is_whole:
                began = at
                try:
                    for data in self._bytes(piece, at):
                        at = self._write(descriptor, data, at, piece)
                    is_whole = True
                except Transient as error:
                    if at - began >= FORWARD_BYTES and piece.file.has_ranges:
                        failures.reset()
                    failures.wait(error)
                    if not piece.file.has_ranges:
                        self._progress.advance(piece.start - at)
                        at = piece.start
            if piece.end is None:
                os.ftruncate(descriptor, at)
            journal.add(piece)
        finally:
            os.close(descriptor)

    def _bytes(self, piece: Piece, at: int) -> Iterator[bytes | memoryview]:
        for data in self._source.read(piece.file, at, piece.end):
            at += len(data)
            yield data
        if piece.end is not None and at < piece.end:
            raise Transient(f"{piece.end - at} bytes are missing")

    def _write(self, descriptor: int, data: bytes | memoryview, at: int, piece: Piece) -> int:
        if self._given_up.is_set():
            raise ArtifactError("given up, as another file failed")
        if at + len(data) > (self._most_bytes if piece.end is None else piece.end):
            raise ArtifactError(
                f"{self._source.shown}: {piece.file.name} is longer than its store says, or than allowed"
            )
        view = memoryview(data)
        while view:
            written = os.pwrite(descriptor, view, at)
            at, view = at + written, view[written:]
        self._progress.advance(len(data))
        return at


def _pieces(files: list[RemoteFile]) -> Iterator[Piece]:
    number = 0
    for file in files:
        if file.size is None or not file.has_ranges:
            yield Piece(number, file, 0, file.size)
            number += 1
            continue
        for start in range(0, file.size, PIECE_BYTES):
            yield Piece(number, file, start, min(start + PIECE_BYTES, file.size))
            number += 1


def _make_files(files: list[RemoteFile], target: Path) -> None:
    for file in files:
        path = target / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as made:
            made.truncate(file.size or 0)


class _Journal:
    """The numbers of the pieces that are there, a line each. A line that is cut off is no number yet."""

    def __init__(self, path: Path) -> None:
        lines = path.read_text().split("\n")[:-1] if path.exists() else []
        self.done = {int(line) for line in lines if line.isdigit()}
        self._file = path.open("a")
        self._lock = threading.Lock()

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, piece: Piece) -> None:
        if piece.end is None or not piece.file.has_ranges:
            return  # it cannot be told from a half one
        with self._lock:
            self._file.write(f"{piece.number}\n")
            self._file.flush()
