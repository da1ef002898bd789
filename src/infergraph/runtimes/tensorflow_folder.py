"""The folder of a TensorFlow SavedModel: which version, and what is wrong with it."""

from pathlib import Path

from infergraph.artifacts.entry import check_readable, listing
from infergraph.errors import ArtifactError, LoadError
from infergraph.runtimes.file_format import SAVED_MODEL
from infergraph.runtimes.load_failure import wrong_format
from infergraph.runtimes.one_line import one_line

FILE = "saved_model.pb"
_TEXT = "saved_model.pbtxt"


def find_saved_model(path: Path) -> Path:
    """Return the folder with ``saved_model.pb``: ``path``, or that of the highest version in it.

    :raises ArtifactError: when there is none.
    """
    check_readable(path, "the model")
    folder = path.parent if path.name in (FILE, _TEXT) else path
    if not folder.is_dir():
        raise ArtifactError(f"{path} is a file, and the folder of a SavedModel was expected")
    found = newest(folder, (FILE, _TEXT))
    if found is None:
        raise ArtifactError(
            f"no SavedModel in {folder}: looked for {FILE} and for <version>/{FILE}, and the folder holds "
            f"{listing(folder)}"
        )
    return found


def newest(folder: Path, files: tuple[str, ...] = (FILE,)) -> Path | None:
    """Return the folder that holds one of ``files``: this one, or that of the highest version in it."""
    if _holds_one(folder, files):
        return folder
    versions = [one for one in folder.iterdir() if one.name.isdecimal() and _holds_one(one, files)]
    return max(versions, key=lambda one: int(one.name), default=None)


def check_whole(folder: Path, server: str) -> None:
    """:raises LoadError: when it can be seen that the folder is no whole SavedModel."""
    file = folder / FILE
    if file.exists() and (wrong := wrong_format(file, (SAVED_MODEL,), server)):
        raise LoadError(wrong)
    if not (folder / "variables" / "variables.index").exists():
        raise LoadError(f"{folder} has no variables/variables.index beside {FILE}: copy the whole folder")


def why_not_loaded(folder: Path, error: Exception) -> str:
    """Say why a SavedModel did not load, when ``error`` is what TensorFlow said of it."""
    if "not registered" in str(error):
        return f"{folder} needs an operation that is not in TensorFlow itself: {one_line(error)}"
    return f"{folder} is cut short or damaged: copy it again ({one_line(error)})"


def _holds_one(folder: Path, files: tuple[str, ...]) -> bool:
    return any((folder / file).is_file() for file in files)
