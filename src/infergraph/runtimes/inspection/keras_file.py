"""A Keras file: a ``.keras`` zip or an old ``.h5``, with its version, input and layers that hold code."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from infergraph.runtimes.inspection.mapped_file import mapped
from infergraph.runtimes.inspection.report import Danger, Field, Problem, Report, Severity
from infergraph.runtimes.inspection.zip_members import opened_zip, read_member

_ADVICE = 'no server of InferGraph reads Keras files; load it with Keras and save it with model.export("model/1")'
_H5_VERSION = re.compile(rb"keras_version.{0,400}?(\d+\.\d+\.\d+)", re.DOTALL)
_WHY_LAMBDA = "a Lambda layer is Python code inside the file: it runs with your rights, so trust whoever wrote it"
_WHY_FOREIGN = "its layer {0} is code of somebody's own, which is imported when it loads"


def read_keras(file: Path) -> Report:
    """Return what ``file`` holds; Keras need not be installed."""
    report = Report(path=str(file), format="a Keras file", framework="keras")
    if zipfile.is_zipfile(file):
        _read_zip(file, report)
    else:
        _read_h5(file, report)
    report.problems.append(Problem(text=f"{file.name}: {_ADVICE}"))
    return report


def _read_zip(file: Path, report: Report) -> None:
    with opened_zip(file) as archive:
        made = msgspec.json.decode(read_member(archive, "metadata.json"))
        config = msgspec.json.decode(read_member(archive, "config.json"))
    report.details["made with"] = f"Keras {made.get('keras_version')}"
    report.model = str(config.get("class_name", ""))
    layers = list(_layers(config))
    report.inputs = [Field(shape=tuple(shape)) for layer in layers if (shape := _input_shape(layer))]
    report.dangers = _dangers(layers, file.name)


def _read_h5(file: Path, report: Report) -> None:
    """HDF5 has no fixed places: the version and the names of layers are looked for in its bytes."""
    content = mapped(file)
    if version := _H5_VERSION.search(content):
        report.details["made with"] = f"Keras {version[1].decode()}"
    if re.search(rb'"class_name": "Lambda"', content):
        report.dangers = [Danger(what="Lambda", where=file.name, why=_WHY_LAMBDA, severity=Severity.FOREIGN)]


def _layers(config: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every object of the model's description that has a class."""
    if depth > 100:
        return
    if isinstance(config, dict):
        if "class_name" in config:
            yield config
        for value in config.values():
            yield from _layers(value, depth + 1)
    elif isinstance(config, list):
        for value in config:
            yield from _layers(value, depth + 1)


def _input_shape(layer: dict[str, Any]) -> list[int] | None:
    shape = layer.get("config", {}).get("batch_shape") if layer["class_name"] == "InputLayer" else None
    return [-1 if size is None else size for size in shape] if isinstance(shape, list) else None


def _dangers(layers: list[dict[str, Any]], where: str) -> list[Danger]:
    found = {}
    for layer in layers:
        module = str(layer.get("module") or "")
        if layer["class_name"] in ("Lambda", "__lambda__"):
            found["Lambda"] = Danger(what="Lambda", where=where, why=_WHY_LAMBDA, severity=Severity.FOREIGN)
        elif module and module.partition(".")[0] not in ("keras", "builtins"):
            why = _WHY_FOREIGN.format(f"{module}.{layer['class_name']}")
            found[module] = Danger(what=module, where=where, why=why, severity=Severity.FOREIGN)
    return list(found.values())
