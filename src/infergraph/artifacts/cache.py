"""Artifacts that were fetched, kept for all processes of this user.

    entries/<key>/files/   what was fetched, whole: it is moved here in one step
    entries/<key>/entry.json
    partial/<key>/         what is being fetched, or broke off
    locks/<key>            who reads an entry holds its lock together with other readers, who writes it holds it alone

A key says what the artifact is and which content it has (names, sizes, ETags): changed content is another entry.
"""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import structlog

from infergraph.artifacts.lock import Lock
from infergraph.artifacts.source import RemoteFile, Source
from infergraph.artifacts.wall_clock import now_s
from infergraph.errors import ArtifactError

log = structlog.get_logger("infergraph.artifacts")

FOLDER_VARIABLE = "INFERGRAPH_CACHE_DIR"
BYTES_VARIABLE = "INFERGRAPH_CACHE_BYTES"
DEFAULT_BYTES = 50 * 1024**3
PARTIAL_S = 7 * 24 * 3600
"""How long what broke off waits to be gone on with."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What an artifact in the cache is; ``identity`` is that of its `Source`."""

    key: str
    artifact: str
    identity: str
    size_bytes: int
    sha256: str
    fetched_s: float
    used_s: float = 0.0


class Cache:
    """The artifacts in a folder. Those used last stay above ``limit_bytes``; what runs keeps its own."""

    def __init__(self, folder: Path, limit_bytes: int = DEFAULT_BYTES, *, clock: Callable[[], float] = now_s) -> None:
        self.folder = folder
        self._limit_bytes = limit_bytes
        self._clock = clock
        self._held: dict[str, Lock] = {}

    def obtain(self, key: str, fill: Callable[[Path], Entry]) -> Path:
        """Return the folder with the files of ``key``. Where they are not there, ``fill`` gets a folder to work in,
        leaves them in its ``files``, and says what they are; no two processes do so at once.

        They stay at least as long as this object.
        """
        self._make()
        lock = Lock(self._lock(key), is_shared=True)
        if not self._is_there(key):
            lock.close()
            lock = self._filled(key, fill)
        self._held[key] = lock
        os.utime(self._entry(key) / "entry.json", (self._clock(), self._clock()))
        self._evict(key)
        return self._entry(key) / "files"

    def entries(self) -> list[Entry]:
        """All of them, the one used last first."""
        found = [self._read(path) for path in (self.folder / "entries").glob("*/entry.json")]
        return sorted(filter(None, found), key=lambda entry: -entry.used_s)

    def remove(self, key: str) -> bool:
        """Remove an entry; returns whether that was possible, as nobody uses it."""
        self._make()
        try:
            lock = Lock(self._lock(key), waits=False)
        except BlockingIOError:
            return False
        with contextlib.closing(lock):
            # It goes in one step as well: nobody sees a half one.
            gone = self.folder / "partial" / f"{key}.gone"
            shutil.rmtree(gone, ignore_errors=True)
            with contextlib.suppress(FileNotFoundError):
                self._entry(key).rename(gone)
            shutil.rmtree(gone, ignore_errors=True)
            shutil.rmtree(self.folder / "partial" / key, ignore_errors=True)
            self._lock(key).unlink(missing_ok=True)
        return True

    def _filled(self, key: str, fill: Callable[[Path], Entry]) -> Lock:
        lock = Lock(self._lock(key))
        try:
            if not self._is_there(key):  # or another process was faster
                self._fill(key, fill)
        except BaseException:
            lock.close()  # not when somebody forgets the error
            raise
        lock.share()
        return lock

    def _fill(self, key: str, fill: Callable[[Path], Entry]) -> None:
        work = self.folder / "partial" / key
        work.mkdir(exist_ok=True)
        entry = fill(work)
        ready = self.folder / "partial" / f"{key}.ready"
        shutil.rmtree(ready, ignore_errors=True)
        ready.mkdir()
        (work / "files").rename(ready / "files")
        (ready / "entry.json").write_bytes(msgspec.json.encode(entry))
        ready.rename(self._entry(key))
        shutil.rmtree(work, ignore_errors=True)

    def _evict(self, kept: str) -> None:
        entries = self.entries()
        total = sum(entry.size_bytes for entry in entries)
        for entry in reversed(entries):
            if total <= self._limit_bytes:
                break
            if entry.key != kept and self.remove(entry.key):
                log.info("artifact_evicted", artifact=entry.artifact, size_bytes=entry.size_bytes)
                total -= entry.size_bytes
        for path in (self.folder / "partial").iterdir():
            with contextlib.suppress(FileNotFoundError):
                if self._clock() - path.stat().st_mtime > PARTIAL_S and not self._is_there(path.name):
                    self.remove(path.name.partition(".")[0])

    def _is_there(self, key: str) -> bool:
        return (self._entry(key) / "entry.json").exists()

    def _lock(self, key: str) -> Path:
        return self.folder / "locks" / key

    def _entry(self, key: str) -> Path:
        return self.folder / "entries" / key

    def _read(self, path: Path) -> Entry | None:
        try:
            entry = msgspec.json.decode(path.read_bytes(), type=Entry)
            return msgspec.structs.replace(entry, used_s=path.stat().st_mtime)
        except (OSError, msgspec.DecodeError):
            return None

    def _make(self) -> None:
        """Models are code: a folder that somebody else owns could bring theirs."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            owner = self.folder.stat().st_uid
            for name in ("entries", "partial", "locks"):
                (self.folder / name).mkdir(exist_ok=True)
        except OSError as error:
            raise ArtifactError(
                f"the cache {self.folder} cannot be written: {error.strerror}; {FOLDER_VARIABLE} names another folder"
            ) from None
        if owner != os.geteuid():
            raise ArtifactError(
                f"the cache {self.folder} belongs to another user, who could put models into it; "
                f"{FOLDER_VARIABLE} names another folder"
            )


def default_cache() -> Cache:
    """The cache that the environment names: ``INFERGRAPH_CACHE_DIR``, with at most ``INFERGRAPH_CACHE_BYTES``."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(os.environ.get(FOLDER_VARIABLE) or f"{base}/infergraph/artifacts").expanduser().absolute()
    limit = os.environ.get(BYTES_VARIABLE) or str(DEFAULT_BYTES)
    if not limit.isdigit():
        raise ArtifactError(f"{BYTES_VARIABLE} is a number of bytes, got {limit[:80]!r}")
    return Cache(folder, int(limit))


def key_of(source: Source, files: Sequence[RemoteFile]) -> str:
    """What tells this content of this artifact from all else."""
    told = [source.identity, *((file.name, file.size, file.version) for file in files)]
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:32]


def size_of(folder: Path) -> int:
    """The bytes in the files of a folder."""
    return sum(path.stat().st_size for path in _files(folder))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
