"""Fetch an artifact: into a cache, for what runs here, or into a folder, as an init container does."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from infergraph.artifacts.archive import extract
from infergraph.artifacts.cache import Cache, Entry, key_of, size_of
from infergraph.artifacts.digest import check_digest, wanted_digest
from infergraph.artifacts.download import Download
from infergraph.artifacts.lock import locked_folder
from infergraph.artifacts.names import check_together, is_archive
from infergraph.artifacts.progress import Progress
from infergraph.artifacts.retry import Retry, Transient
from infergraph.artifacts.source import RemoteFile, Source
from infergraph.artifacts.sources import source_of
from infergraph.artifacts.wall_clock import now_s
from infergraph.errors import ArtifactError

log = structlog.get_logger("infergraph.artifacts")

MOST_BYTES_VARIABLE = "INFERGRAPH_ARTIFACT_BYTES"
DEFAULT_MOST_BYTES = 200 * 1024**3


class Fetched(msgspec.Struct, frozen=True):
    """What came: the artifact without secrets, its files, its size, its digest."""

    artifact: str
    path: Path
    size_bytes: int
    sha256: str


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """How to fetch: whom to tell, and how often to try."""

    progress: Progress = msgspec.field(default_factory=Progress)
    retry: Retry = msgspec.field(default_factory=Retry)


def fetch(uri: str, folder: Path, *, sha256: str | None = None, order: Order | None = None) -> Fetched:
    """Copy the files of ``uri`` into ``folder``; when all of them are there, and not before.

    What breaks off is gone on with the next time.

    :raises ArtifactError: when that cannot be done.
    """
    how = order or Order()
    source = source_of(uri, folder=Path.cwd())
    wanted_digest(sha256, f"modelUri {source.shown}")
    files = _listed(source, how.retry)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArtifactError(f"the folder {folder} cannot be made: {error.strerror}") from None
    work = folder / f".infergraph-{key_of(source, files)}"
    if work.is_symlink():
        raise ArtifactError(f"{work} is a link; remove it")
    with locked_folder(folder):
        entry = _fetched(source, files, work, sha256, how)
        _move(work / "files", folder)
        shutil.rmtree(work)
    return Fetched(source.shown, folder, entry.size_bytes, entry.sha256)


def cached(source: Source, sha256: str | None, order: Order, cache: Cache) -> Path:
    """Return the folder in the cache with the files of ``source``.

    When the store cannot be reached, what was fetched from it last is used, and a warning says so.
    """
    wanted_digest(sha256, f"modelUri {source.shown}")
    last = next((entry for entry in cache.entries() if entry.identity == source.identity), None)
    # Who has something to serve does not wait long.
    retry = order.retry if last is None else msgspec.structs.replace(order.retry, attempts=2)
    try:
        files = _listed(source, retry)
    except ArtifactError as error:
        if last is None or not isinstance(error.__cause__, Transient):
            raise
        log.warning("artifact_unreachable", artifact=source.shown, error=str(error), uses=last.key)
        check_digest(last.sha256, sha256, f"modelUri {source.shown}")
        return cache.obtain(last.key, _refuse(error))
    key = key_of(source, files)
    path = cache.obtain(key, lambda work: _fetched(source, files, work, sha256, order))
    if sha256:
        entry = next(entry for entry in cache.entries() if entry.key == key)
        check_digest(entry.sha256, sha256, f"modelUri {source.shown}")
    return path


def _refuse(error: ArtifactError) -> Callable[[Path], Entry]:
    def fill(_: Path) -> Entry:
        raise error

    return fill


def _listed(source: Source, retry: Retry) -> list[RemoteFile]:
    files = retry.call(source.files, f"modelUri {source.shown}")
    check_together([file.name for file in files], f"modelUri {source.shown}")
    return sorted(files, key=lambda file: file.name)


def _fetched(source: Source, files: list[RemoteFile], work: Path, sha256: str | None, order: Order) -> Entry:
    """Fetch, check and take apart; the result is in ``files`` below ``work``."""
    work.mkdir(exist_ok=True)
    came = Download(source, files, work, order.progress, order.retry, _most_bytes(files, source)).run()
    try:
        check_digest(came.sha256, sha256, f"modelUri {source.shown}")
        if len(files) == 1 and is_archive(files[0].name):
            _take_apart(came.folder / files[0].name, work)
    except ArtifactError as error:
        shutil.rmtree(work, ignore_errors=True)
        raise ArtifactError(f"{source.shown}: {error}" if source.shown not in str(error) else str(error)) from None
    for path in came.folder.rglob("*"):
        if path.is_file():
            path.chmod(0o444)
    return Entry(
        key=key_of(source, files),
        artifact=source.shown,
        identity=source.identity,
        size_bytes=size_of(came.folder),
        sha256=came.sha256,
        fetched_s=now_s(),
    )


def _take_apart(archive: Path, work: Path) -> None:
    moved, files = work / archive.name, work / "files"
    archive.rename(moved)
    files.rmdir()
    try:
        extract(moved, files)
    except OSError as error:
        raise ArtifactError(f"{work}: {error.strerror}") from None
    finally:
        moved.unlink()


def _most_bytes(files: list[RemoteFile], source: Source) -> int:
    text = os.environ.get(MOST_BYTES_VARIABLE) or str(DEFAULT_MOST_BYTES)
    if not text.isdigit():
        raise ArtifactError(f"{MOST_BYTES_VARIABLE} is a number of bytes, got {text[:80]!r}")
    total = sum(file.size or 0 for file in files)
    if total > int(text):
        raise ArtifactError(
            f"{source.shown} has {total:,} bytes, and {int(text):,} are allowed; {MOST_BYTES_VARIABLE} allows more"
        )
    return int(text)


def _move(files: Path, folder: Path) -> None:
    """Put every file to its place; a link that is already there is replaced, not followed."""
    for path in sorted(files.rglob("*")):
        target = folder / path.relative_to(files)
        if path.is_dir():
            if target.is_symlink():
                raise ArtifactError(f"{target} is a link, and the artifact has a folder of this name; remove the link")
            target.mkdir(exist_ok=True)
        else:
            path.replace(target)
