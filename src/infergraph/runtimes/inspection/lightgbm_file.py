"""A LightGBM model: its text says which features it takes, and whether it is whole."""

import re
from pathlib import Path

from infergraph.runtimes.inspection.framework import need
from infergraph.runtimes.inspection.report import Field, Problem, Report
from infergraph.runtimes.lightgbm_text import problem_of

_LINE = re.compile(
    rb"^(version|num_class|objective|feature_names|feature_infos|max_feature_idx)=(.*?)\r?$", re.MULTILINE
)
_HEADER_BYTES = 1 << 22


def read_lightgbm(file: Path) -> Report:
    """Return what ``file`` holds; lightgbm need not be installed, and does not write its version."""
    report = Report(path=str(file), format="a LightGBM model", server="LIGHTGBM_SERVER")
    content = file.read_bytes()
    header = content[:_HEADER_BYTES].partition(b"\nTree=")[0]
    problem = problem_of(content)
    said = {name.decode(): value.decode("utf-8", "replace") for name, value in _LINE.findall(header)}
    if problem:
        report.problems.append(Problem(text=f"{file.name} is cut short or damaged: copy it again ({problem})"))
    need(report, "lightgbm", None, file.name)
    report.model = said.get("objective", "")
    report.inputs = _inputs(said)
    report.details = {"format version": said["version"]} if "version" in said else {}
    return report


def _inputs(said: dict[str, str]) -> list[Field]:
    names, infos = said.get("feature_names", "").split(), said.get("feature_infos", "").split()
    if len(infos) != len(names):
        return [Field(name=name) for name in names]
    return [Field(name=name, dtype=_kind(info)) for name, info in zip(names, infos, strict=True)]


def _kind(info: str) -> str | None:
    """``[1:2]`` is the range of a number, ``1:2:5`` are categories, and ``none`` is a feature without use."""
    return "float" if info.startswith("[") else None if info == "none" else "category"
