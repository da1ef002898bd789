"""An MLflow model: what its ``MLmodel`` says of flavours, versions and signature, and what its packages are."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import yaml

from infergraph.runtimes.inspection.framework import need
from infergraph.runtimes.inspection.installed import installed_version
from infergraph.runtimes.inspection.report import (
    Danger,
    Field,
    Package,
    Problem,
    Report,
    Severity,
    Verdict,
    pip_install,
)
from infergraph.runtimes.inspection.requirement import release
from infergraph.runtimes.made_with import MadeWith
from infergraph.runtimes.mlflow_folder import FILE, pinned

_MOST_BYTES = 1 << 20
_PATHS = ("model_path", "pickled_model", "python_model", "data", "model_data")
_WHY_CODE = "its folder {0} holds Python code, which is imported when it loads: trust whoever wrote it"
_WHY_LOADER = "{0} loads it, which is no part of MLflow: it runs with your rights, so trust whoever wrote it"


def read_mlflow(folder: Path, examine_file: Callable[[Path], Report]) -> Report:
    """Return what ``folder`` holds; mlflow need not be installed. ``examine_file`` reads the model's own file."""
    report = Report(path=str(folder), format="an MLflow model", server="MLFLOW_SERVER")
    try:
        told = yaml.safe_load((folder / FILE).read_bytes()[:_MOST_BYTES])
    except (yaml.YAMLError, RecursionError) as error:
        told = f"{' '.join(str(error).split())[:200]}"
    if not isinstance(told, dict):
        report.problems.append(
            Problem(text=f"{FILE} in {folder.name} cannot be read: a mapping was expected ({told!r})")
        )
        return report
    flavors = _mapping(told.get("flavors"))
    pyfunc = _mapping(flavors.get("python_function"))
    need(report, "mlflow", _text(told.get("mlflow_version")), folder.name)
    report.model = ", ".join(map(str, flavors))
    _read_signature(told.get("signature"), report)
    _read_python(pyfunc, report, folder.name)
    _read_requirements(folder, report)
    report.dangers += _own_code(pyfunc, folder.name)
    if not pyfunc:
        report.problems.append(
            Problem(text=f"{folder.name} has no flavour python_function, which MLFLOW_SERVER serves")
        )
    for file in _files(flavors, folder):
        _add_file(report, examine_file(file))
    return report


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _add_file(report: Report, found: Report) -> None:
    """The packages are pinned beside it: of the file itself, what is dangerous counts, and what is broken."""
    report.dangers += found.dangers
    report.problems += [one for one in found.problems if "cut short" in one.text or "empty" in one.text]
    report.inputs = report.inputs or found.inputs
    report.details.setdefault("model file", f"{Path(found.path).name}, {found.format}")


def _files(flavors: dict[str, Any], folder: Path) -> Iterator[Path]:
    """The model's own files, which lie below the folder."""
    names = {str(told[key]) for told in flavors.values() if isinstance(told, dict) for key in _PATHS if told.get(key)}
    root = folder.resolve()
    for name in sorted(names):
        path = (folder / name).resolve()
        inside = [path, *(path / one for one in ("model.pkl", "model.joblib", "data/model.pth"))]
        yield from (one for one in inside if one.is_file() and one.is_relative_to(root))


def _read_signature(signature: Any, report: Report) -> None:
    if isinstance(signature, dict):
        report.inputs = _fields(signature.get("inputs"))
        report.outputs = _fields(signature.get("outputs"))


def _fields(text: Any) -> list[Field]:
    try:
        columns = msgspec.json.decode(text) if isinstance(text, str) else []
    except msgspec.DecodeError:
        return []
    return [_field(one) for one in columns if isinstance(one, dict)] if isinstance(columns, list) else []


def _field(column: dict[str, Any]) -> Field:
    name, tensor = str(column.get("name") or ""), column.get("tensor-spec")
    if isinstance(tensor, dict):
        shape = tensor.get("shape")
        return Field(
            name=name, dtype=_text(tensor.get("dtype")), shape=tuple(shape) if isinstance(shape, list) else None
        )
    return Field(name=name, dtype=_text(column.get("type")))


def _read_python(pyfunc: dict[str, Any], report: Report, where: str) -> None:
    made = _text(pyfunc.get("python_version"))
    if made:
        report.details["python"] = made
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    if made and pyfunc.get("python_model") and release(made)[:2] != sys.version_info[:2]:
        text = (
            f"{where} holds Python code pickled by Python {made}, and this is Python {here}: such code is read by the "
            "same Python only"
        )
        report.problems.append(Problem(text=text, verdict=Verdict.MAY_FAIL))


def _read_requirements(folder: Path, report: Report) -> None:
    """Compare what is pinned with what is here."""
    known = {package.name for package in report.packages}
    for name, version in pinned(folder):
        if name in known:
            continue
        package = Package(name=name, made_with=version, installed=installed_version(name))
        report.packages.append(package)
        if problem := _other(package, version, folder.name):
            report.problems.append(problem)


def _other(package: Package, version: str, where: str) -> Problem | None:
    install = (f"{package.name}=={version}",)
    if package.installed is None:
        text = f"{where} needs {package.name} {version}, which is not installed here: {pip_install(install)}"
        return Problem(text=text, install=install)
    if release(version)[:2] == release(package.installed)[:2]:
        return None
    other = MadeWith(where, version, package.installed, package.name)
    return Problem(text=str(other), install=other.needed, verdict=Verdict.MAY_FAIL)


def _own_code(pyfunc: dict[str, Any], where: str) -> Iterator[Danger]:
    loader = str(pyfunc.get("loader_module") or "")
    if loader and not loader.startswith("mlflow."):
        yield Danger(what=loader, where=where, why=_WHY_LOADER.format(loader), severity=Severity.FOREIGN)
    if code := pyfunc.get("code"):
        yield Danger(what=str(code), where=where, why=_WHY_CODE.format(code), severity=Severity.FOREIGN)
