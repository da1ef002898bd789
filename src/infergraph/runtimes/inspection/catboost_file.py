"""A CatBoost model: the version and the features that it names, in its binary form or its JSON."""

import re
from pathlib import Path
from typing import Any

import msgspec

from infergraph.runtimes.inspection.framework import need
from infergraph.runtimes.inspection.mapped_file import mapped
from infergraph.runtimes.inspection.report import Field, Problem, Report

_RELEASE = re.compile(rb"CatBoost release (\d+(?:\.\d+)+)|Branch: tags/v(\d+(?:\.\d+)+)")
_LOSS = re.compile(rb'"loss_function":\{"type":"(\w+)"')
_HEAD_BYTES = 8  # "CBM1", and the size of what follows: a flatbuffer


def read_catboost(file: Path) -> Report:
    """Return what ``file`` holds; catboost need not be installed."""
    report = Report(path=str(file), format="a CatBoost model", server="CATBOOST_SERVER")
    view = mapped(file)
    is_binary = bytes(view[:4]) == b"CBM1"
    size = int.from_bytes(view[4:_HEAD_BYTES], "little") if is_binary else 0
    core = view[_HEAD_BYTES : _HEAD_BYTES + size] if is_binary else view
    release, loss = _RELEASE.search(core), _LOSS.search(core)
    version = (release[1] or release[2]).decode() if release else None
    report.model = loss[1].decode() if loss else ""
    problem = _cut(view, size) if is_binary else _read_json(view, report)
    if problem:
        report.problems.append(Problem(text=f"{file.name} is cut short or damaged: copy it again ({problem})"))
    need(report, "catboost", version, file.name)
    return report


def _cut(view: memoryview, size: int) -> str | None:
    missing = size - (len(view) - _HEAD_BYTES)
    return f"{missing:,} bytes are missing" if missing > 0 else None


def _read_json(view: memoryview, report: Report) -> str | None:
    try:
        model: Any = msgspec.json.decode(view, type=dict[str, msgspec.Raw])
        features = msgspec.json.decode(model["features_info"], type=dict[str, list[dict[str, Any]]])
    except (msgspec.DecodeError, KeyError) as error:
        return str(error)
    known = [(one, kind) for kind in ("float", "categorical") for one in features.get(f"{kind}_features", [])]
    ordered = sorted(known, key=lambda pair: int(pair[0].get("flat_feature_index", 0)))
    report.inputs = [Field(name=str(one.get("feature_id", "")), dtype=kind) for one, kind in ordered]
    return None
