"""What an artifact is: a file is read by the reader of its format, a folder by the file in it that says most."""

from collections.abc import Callable, Mapping
from pathlib import Path

from infergraph.artifacts.entry import check_readable, listing
from infergraph.runtimes.file_format import EMPTY, LFS_POINTER, PICKLE, WEB_PAGE, FileFormat, format_of
from infergraph.runtimes.inspection.pickle_scan import is_pickle
from infergraph.runtimes.inspection.pickled_model import read_pickled
from infergraph.runtimes.inspection.report import Problem, Report

# In the order in which servers look for them.
_MODEL_FILES = ("model.joblib", "model.pickle", "model.pkl")
_READERS: Mapping[FileFormat, Callable[[Path], Report]] = {PICKLE: read_pickled}
_BROKEN = (EMPTY, LFS_POINTER, WEB_PAGE)


def examine(path: Path) -> Report:
    """Return what lies at ``path``, a file or a folder, without loading it.

    :raises ArtifactError: when nothing readable is there.
    """
    check_readable(path, "the model")
    return _folder(path) if path.is_dir() else examine_file(path)


def examine_file(file: Path) -> Report:
    """Return what one file is."""
    kind = format_of(file)
    if kind is None:
        return _unknown(file)
    if kind in _BROKEN:
        text = f"{file.name} is {kind.name}: {kind.advice}"
        return Report(path=str(file), format=kind.name, problems=[Problem(text=text)])
    reader = _READERS.get(kind)
    if reader:
        return reader(file)
    return Report(path=str(file), format=kind.name, server=kind.server)


def _folder(folder: Path) -> Report:
    for name in _MODEL_FILES:
        if (folder / name).is_file():
            return examine_file(folder / name)
    files = [file for file in sorted(folder.iterdir()) if file.is_file() and not file.name.startswith(".")]
    if len(files) == 1:
        return examine_file(files[0])
    text = f"no model was found in {folder}: it holds {listing(folder)}"
    return Report(path=str(folder), format="a folder", problems=[Problem(text=text)])


def _unknown(file: Path) -> Report:
    if is_pickle(file):
        return read_pickled(file)
    with file.open("rb") as stream:
        head = stream.read(24)
    text = f"{file.name} is no model that is known here: it begins with {head!r}"
    return Report(path=str(file), format="an unknown file", problems=[Problem(text=text)])
