"""What lies at a path: something to read, or a sentence that says why not."""

import os
import stat
from itertools import islice
from pathlib import Path

from infergraph.errors import ArtifactError

_MOST_NAMES_SHOWN = 10

_NEITHER_FILE_NOR_FOLDER = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def check_readable(path: Path, what: str) -> Path:
    """Return ``path`` when it is a file or a folder with something in it, and this process may read it.

    ``what`` begins the message, as in "modelUri ./model".

    :raises ArtifactError: when it is not.
    """
    kind = stat.S_IFMT(_stat(path, what).st_mode)
    if kind in _NEITHER_FILE_NOR_FOLDER:
        raise ArtifactError(f"{what}: {path} is {_NEITHER_FILE_NOR_FOLDER[kind]}, and a file or folder was expected")
    if not _may_read(path, is_folder=kind == stat.S_IFDIR):
        raise ArtifactError(f"{what}: {path} may not be read by this user; change its permissions")
    if kind == stat.S_IFDIR and not any(path.iterdir()):
        raise ArtifactError(f"{what}: the folder {path} is empty, and model files were expected")
    return path


def listing(folder: Path) -> str:
    """Return the first names in ``folder``, in order, and how many more there are."""
    names = sorted(entry.name for entry in folder.iterdir())
    shown = ", ".join(islice(names, _MOST_NAMES_SHOWN))
    more = len(names) - _MOST_NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _stat(path: Path, what: str) -> os.stat_result:
    try:
        return path.stat()
    except PermissionError:
        raise ArtifactError(f"{what}: {path} may not be reached by this user; change its permissions") from None
    except ValueError:  # a NUL character
        raise ArtifactError(f"{what}: {str(path)!r} is not a path") from None
    except OSError as error:
        if os.path.islink(path):  # noqa: PTH114 - see _nearest
            raise ArtifactError(f"{what}: {path} is a link to {path.readlink()}, and nothing is there") from None
        raise ArtifactError(f"{what}: looked for {path}: {error.strerror}{_nearest(path)}") from None


def _nearest(path: Path) -> str:
    """Say how much of the path exists: that is where the mistake is."""
    # Path.is_dir would raise for a name that is too long.
    parent = next(folder for folder in path.absolute().parents if os.path.isdir(folder))  # noqa: PTH112
    if not os.access(parent, os.R_OK):
        return ""
    return f"; {parent} holds {listing(parent) or 'nothing'}"


def _may_read(path: Path, *, is_folder: bool) -> bool:
    mode = os.R_OK | os.X_OK if is_folder else os.R_OK
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)
