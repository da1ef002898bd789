"""A skops file: scikit-learn's model as JSON and arrays in a zip. Only classes that are trusted are loaded from it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from infergraph.runtimes.inspection.danger import dangers_in, foreign_modules
from infergraph.runtimes.inspection.framework import need
from infergraph.runtimes.inspection.installed import has_module, installed_version
from infergraph.runtimes.inspection.pickle_values import Global
from infergraph.runtimes.inspection.pickled_problems import missing_module
from infergraph.runtimes.inspection.report import Field, Package, Problem, Report, Verdict
from infergraph.runtimes.inspection.requirement import release
from infergraph.runtimes.inspection.zip_members import opened_zip, read_member
from infergraph.runtimes.made_with import MadeWith

_DEEPEST = 200


def read_skops(file: Path) -> Report:
    """Return what ``file`` holds; skops need not be installed."""
    report = Report(path=str(file), format="a skops file", framework="scikit-learn", server="SKLEARN_SERVER")
    with opened_zip(file) as archive:
        schema = msgspec.json.decode(read_member(archive, "schema.json"), type=dict[str, Any])
    report.model = str(schema.get("__class__", ""))
    state = _state(schema)
    _add_sklearn(report, _text(state.get("_sklearn_version")), file.name)
    need(report, "skops", _plain(schema.get("_skops_version")), file.name)
    width = _text(state.get("n_features_in_"))
    report.inputs = [Field(shape=(-1, int(width)))] if width and width.isdigit() else []
    named = {Global(module, name): True for module, name in _classes(schema)}
    report.dangers = dangers_in(named, file.name)
    report.problems += [missing_module(one, file.name) for one in foreign_modules(named) if not has_module(one)]
    return report


def _add_sklearn(report: Report, version: str | None, where: str) -> None:
    installed = installed_version("scikit-learn")
    if installed is None:
        need(report, "scikit-learn", version, where)
        return
    report.packages.append(Package(name="scikit-learn", made_with=version, installed=installed))
    if version and release(version)[:2] != release(installed)[:2]:
        other = MadeWith(where, version, installed)
        report.problems.append(Problem(text=str(other), install=other.needed, verdict=Verdict.MAY_FAIL))


def _state(node: Any) -> dict[str, Any]:
    """Return the attributes of an object: ``content`` of the dict that is its content."""
    content = node.get("content") if isinstance(node, dict) else None
    inside = content.get("content") if isinstance(content, dict) else None
    return inside if isinstance(inside, dict) else {}


def _text(node: Any) -> str | None:
    """Return a plain value that is written as JSON in a text."""
    content = node.get("content") if isinstance(node, dict) else None
    return content.strip('"') if isinstance(content, str) else None


def _plain(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _classes(node: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every class and function that the file names."""
    if depth > _DEEPEST:
        return
    if isinstance(node, dict):
        if isinstance(node.get("__module__"), str) and isinstance(node.get("__class__"), str):
            yield node["__module__"], node["__class__"]
        for value in node.values():
            yield from _classes(value, depth + 1)
    elif isinstance(node, list):
        for value in node:
            yield from _classes(value, depth + 1)
