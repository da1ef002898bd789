"""An XGBoost model: version, features and objective, from its JSON or UBJSON."""

from pathlib import Path
from typing import Any

import msgspec

from infergraph.runtimes.file_format import OLD_XGBOOST, format_of
from infergraph.runtimes.inspection.framework import need
from infergraph.runtimes.inspection.installed import installed_version
from infergraph.runtimes.inspection.mapped_file import mapped
from infergraph.runtimes.inspection.report import Field, Problem, Report, pip_install
from infergraph.runtimes.inspection.requirement import release
from infergraph.runtimes.inspection.ubjson import Malformed, UbjsonReader

_FIRST_WITHOUT_BINARY = (3, 1)


class _Objective(msgspec.Struct):
    name: str = ""


class _Parameters(msgspec.Struct):
    num_feature: str = ""
    num_class: str = ""


class _Learner(msgspec.Struct):
    feature_names: list[str] = []
    feature_types: list[str] = []
    learner_model_param: _Parameters = msgspec.field(default_factory=_Parameters)
    objective: _Objective = msgspec.field(default_factory=_Objective)


class _Model(msgspec.Struct):
    learner: _Learner
    version: list[int] = []


def read_xgboost(file: Path) -> Report:
    """Return what ``file`` holds; xgboost need not be installed."""
    report = Report(path=str(file), format="an XGBoost model", server="XGBOOST_SERVER")
    if format_of(file) is OLD_XGBOOST:
        report.format = OLD_XGBOOST.name
        need(report, "xgboost", None, file.name)
        return _old(report, file.name)
    try:
        model = _model(file)
    except (msgspec.DecodeError, Malformed) as error:
        need(report, "xgboost", None, file.name)
        report.problems.insert(0, Problem(text=f"{file.name} is cut short or damaged: copy it again ({error})"))
        return report
    need(report, "xgboost", ".".join(map(str, model.version)) or None, file.name)
    report.model = model.learner.objective.name
    report.inputs = _inputs(model.learner)
    if model.learner.learner_model_param.num_class not in ("", "0"):
        report.details["number of classes"] = model.learner.learner_model_param.num_class
    return report


def _old(report: Report, where: str) -> Report:
    installed = report.packages[0].installed
    if installed and release(installed)[:2] >= _FIRST_WITHOUT_BINARY:
        install = ("xgboost-cpu<3.1",) if installed_version("xgboost-cpu") else ("xgboost<3.1",)
        text = (
            f"{where} is {OLD_XGBOOST.name}, which XGBoost {installed} reads no more: load it with "
            f'{pip_install(install)}, and save it with save_model("model.ubj")'
        )
        report.problems.append(Problem(text=text, install=install))
    return report


def _model(file: Path) -> _Model:
    view = mapped(file)
    if bytes(view[:2]) != b"{L":
        return msgspec.json.decode(view, type=_Model)
    read: Any = UbjsonReader(view).read()
    return msgspec.convert(read, _Model, strict=False)


def _inputs(learner: _Learner) -> list[Field]:
    names, types = learner.feature_names, learner.feature_types
    if names:
        known = types if len(types) == len(names) else [None] * len(names)
        return [Field(name=name, dtype=kind) for name, kind in zip(names, known, strict=True)]
    width = learner.learner_model_param.num_feature
    return [Field(shape=(-1, int(width)), dtype="float")] if width.isdigit() else []
