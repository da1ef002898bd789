"""What an artifact is: a file is read by the reader of its format, a folder by what in it says most."""

from collections.abc import Callable, Mapping
from pathlib import Path

from infergraph.artifacts.entry import check_readable, listing
from infergraph.runtimes import file_format as formats
from infergraph.runtimes import tensorflow_folder
from infergraph.runtimes.catalog import RUNTIMES
from infergraph.runtimes.file_format import FileFormat, format_of
from infergraph.runtimes.inspection.catboost_file import read_catboost
from infergraph.runtimes.inspection.huggingface_folder import is_huggingface, read_huggingface
from infergraph.runtimes.inspection.keras_file import read_keras
from infergraph.runtimes.inspection.lightgbm_file import read_lightgbm
from infergraph.runtimes.inspection.mlflow_folder import read_mlflow
from infergraph.runtimes.inspection.onnx_file import read_onnx
from infergraph.runtimes.inspection.pickle_scan import is_pickle
from infergraph.runtimes.inspection.pickled_model import read_pickled
from infergraph.runtimes.inspection.report import Problem, Report
from infergraph.runtimes.inspection.safetensors_file import read_safetensors
from infergraph.runtimes.inspection.saved_model import read_saved_model
from infergraph.runtimes.inspection.skops_file import read_skops
from infergraph.runtimes.inspection.torch_file import read_torch
from infergraph.runtimes.inspection.xgboost_file import read_xgboost
from infergraph.runtimes.mlflow_folder import FILE as MLMODEL
from infergraph.runtimes.one_line import one_line

# Those that the servers look for, in their order.
_MODEL_FILES = (
    *("model.joblib", "model.pickle", "model.pkl", "model.skops"),
    *("model.bst", "model.json", "model.ubj", "model.txt", "model.lgb", "model.cbm", "model.onnx"),
    *("model.pt", "model.pt2", "model.pth"),
)
_READERS: Mapping[FileFormat, Callable[[Path], Report]] = {
    formats.PICKLE: read_pickled,
    formats.SKOPS: read_skops,
    formats.XGBOOST: read_xgboost,
    formats.OLD_XGBOOST: read_xgboost,
    formats.LIGHTGBM: read_lightgbm,
    formats.CATBOOST: read_catboost,
    formats.ONNX: read_onnx,
    formats.TORCHSCRIPT: read_torch,
    formats.TORCH_EXPORT: read_torch,
    formats.TORCH_WEIGHTS: read_torch,
    formats.SAVED_MODEL: read_saved_model,
    formats.KERAS: read_keras,
    formats.SAFETENSORS: read_safetensors,
}
_BROKEN = (formats.EMPTY, formats.LFS_POINTER, formats.WEB_PAGE, formats.BROKEN_ZIP)


def examine(path: Path) -> Report:
    """Return what lies at ``path``, a file or a folder, without loading it.

    :raises ArtifactError: when nothing readable is there.
    """
    check_readable(path, "the model")
    report = _folder(path) if path.is_dir() else examine_file(path)
    if report.server not in RUNTIMES:
        _say_unserved(report)
    return report


def _say_unserved(report: Report) -> None:
    """What would have to be installed does not matter then."""
    report.problems = [one for one in report.problems if not one.install]
    if report.server or not report.problems:
        report.problems.append(Problem(text=f"InferGraph has no server for {report.format}"))
    report.server = ""


def examine_file(file: Path) -> Report:
    """Return what one file is."""
    kind = format_of(file)
    if kind is None:
        return _unknown(file)
    if kind in _BROKEN:
        text = f"{file.name} is {kind.name}: {kind.advice}"
        return Report(path=str(file), format=kind.name, problems=[Problem(text=text)])
    reader = _READERS.get(kind)
    return _read(reader, file) if reader else Report(path=str(file), format=kind.name, server=kind.server)


def _read(reader: Callable[[Path], Report], path: Path) -> Report:
    """Whatever the content is, and whoever made it, it ends in a report."""
    try:
        return reader(path)
    except Exception as error:
        if isinstance(error, OSError) and error.filename is not None:  # it cannot be read, whatever is in it
            raise
        text = f"{path.name} is cut short or damaged: copy it again ({one_line(error)})"
        return Report(path=str(path), format="a damaged file", problems=[Problem(text=text)])


def _folder(folder: Path) -> Report:
    if (folder / MLMODEL).is_file():
        return _read(lambda path: read_mlflow(path, examine_file), folder)
    if saved := tensorflow_folder.newest(folder):
        return _read(read_saved_model, saved / tensorflow_folder.FILE)
    if is_huggingface(folder):
        return _read(read_huggingface, folder)
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
        return _read(read_pickled, file)
    with file.open("rb") as stream:
        head = stream.read(24)
    text = f"{file.name} is no model that is known here: it begins with {head!r}"
    return Report(path=str(file), format="an unknown file", problems=[Problem(text=text)])
