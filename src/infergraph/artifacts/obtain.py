"""The files behind a ``modelUri`` on this machine, fetched where they are not here yet."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from infergraph.artifacts.locate import is_local, locate, mapped
from infergraph.artifacts.masked import masked
from infergraph.artifacts.names import is_archive
from infergraph.errors import ArtifactError

if TYPE_CHECKING:  # what fetches is imported when there is something to fetch: most starts are on local files
    from infergraph.artifacts.cache import Cache
    from infergraph.artifacts.fetch import Order

_caches: dict[Path, "Cache"] = {}


def obtain(
    uri: str,
    *,
    folder: Path,
    artifacts: Mapping[str, Path],
    sha256: str | None = None,
    order: "Order | None" = None,
    cache: "Cache | None" = None,
) -> Path:
    """Return the local file or folder with the files of ``uri``.

    Local files are used where they are, unless they are an archive. ``artifacts`` and ``folder`` are those of `locate`;
    ``sha256`` is that of what the store has, an archive as it is. What is fetched stays as long as the process.

    :raises ArtifactError: when they cannot be had, or are others than ``sha256`` says.
    """
    if is_local(uri) or mapped(uri, artifacts):
        path = locate(uri, folder=folder, artifacts=artifacts)
        if path.is_dir() or not is_archive(path.name):
            return _checked(path, sha256, masked(uri))
        uri = str(path)
    return _fetched(uri, folder, sha256, order, cache)


def _checked(path: Path, sha256: str | None, shown: str) -> Path:
    if sha256 is not None:
        from infergraph.artifacts.digest import check_digest, digest

        check_digest(digest(path), sha256, f"modelUri {shown}")
    return path


def _fetched(uri: str, folder: Path, sha256: str | None, order: "Order | None", cache: "Cache | None") -> Path:
    from infergraph.artifacts.fetch import Order, cached
    from infergraph.artifacts.retry import Transient
    from infergraph.artifacts.sources import NotRead, source_of

    try:
        files = cached(source_of(uri, folder=folder), sha256, order or Order(), cache or _own_cache())
    except ArtifactError as error:
        if not isinstance(error, NotRead) and not isinstance(error.__cause__, Transient):
            raise
        raise ArtifactError(f"{error}. --artifact {masked(uri)}=PATH uses a copy instead") from error.__cause__
    inside = list(files.iterdir())
    is_single = len(inside) == 1 and inside[0].is_file() and _is_named(uri, inside[0])
    return inside[0] if is_single else files


def _is_named(uri: str, path: Path) -> bool:
    """Whether the URI names the file itself, and not a folder that holds just one."""
    return uri.partition("?")[0].endswith(path.name)


def _own_cache() -> "Cache":
    """One for this process: it holds what is in use."""
    from infergraph.artifacts.cache import default_cache

    cache = default_cache()
    return _caches.setdefault(cache.folder, cache)
