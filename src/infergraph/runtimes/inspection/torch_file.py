"""PyTorch's files: TorchScript, programs of ``torch.export``, checkpoints. The pickles in them are only followed."""

import re
import zipfile
from pathlib import Path

from infergraph.runtimes.file_format import TORCH_EXPORT, TORCH_WEIGHTS, TORCHSCRIPT, FileFormat, format_of
from infergraph.runtimes.inspection.danger import dangers_in
from infergraph.runtimes.inspection.framework import need
from infergraph.runtimes.inspection.model_name import model_name
from infergraph.runtimes.inspection.pickle_scan import scan_stream
from infergraph.runtimes.inspection.pickle_stream import PickleStream
from infergraph.runtimes.inspection.pickle_values import Global
from infergraph.runtimes.inspection.report import Problem, Report
from infergraph.runtimes.inspection.zip_members import ending, open_member, opened_zip, read_member

_VERSION = re.compile(rb'"torch_version":\s*"([^"]+)"')
_PICKLES = (".pkl", ".pt", ".pth")
_MOST_PICKLES = 32


def read_torch(file: Path) -> Report:
    """Return what ``file`` holds; torch need not be installed."""
    kind = format_of(file) or TORCH_WEIGHTS
    report = Report(path=str(file), format=kind.name, server=kind.server)
    with opened_zip(file) as archive:
        made_with = _made_with(archive)
        _read_pickles(archive, kind, report, file.name)
    need(report, "torch", made_with, file.name)
    if not kind.server:
        report.problems.append(Problem(text=f"{file.name} is {kind.name}: {kind.advice}"))
    return report


def _made_with(archive: zipfile.ZipFile) -> str | None:
    """Only ``torch.export`` writes the version."""
    for name in (*ending(archive, "models/model.json"), *ending(archive, "serialized_exported_program.json")):
        if found := _VERSION.search(read_member(archive, name)):
            return found[1].decode("utf-8", "replace")
    return None


def _read_pickles(archive: zipfile.ZipFile, kind: FileFormat, report: Report, where: str) -> None:
    called: dict[Global, bool] = {}
    names = [name for name in archive.namelist() if name.endswith(_PICKLES)]
    for name in names[:_MOST_PICKLES]:
        if name.endswith(".pkl") and kind is not TORCH_EXPORT:
            found = scan_stream(PickleStream(open_member(archive, name)))
            called |= found.called
            if name.endswith("data.pkl") and kind is TORCH_WEIGHTS:
                report.model = model_name(found.value)
    # TorchScript names its own classes so; they are code that TorchScript runs, and not Python.
    if kind is TORCHSCRIPT:
        called = {one: is_called for one, is_called in called.items() if one.package != "__torch__"}
    report.dangers = dangers_in(called, where)
