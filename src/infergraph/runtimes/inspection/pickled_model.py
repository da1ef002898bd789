"""A pickled model: what it is, what it was made with, what it takes, and which names it would call."""

from pathlib import Path
from typing import Any

from infergraph.runtimes.file_bytes import is_compressed
from infergraph.runtimes.inspection.danger import dangers_in
from infergraph.runtimes.inspection.installed import installed_version, package_of
from infergraph.runtimes.inspection.known_names import FRAMEWORKS
from infergraph.runtimes.inspection.model_name import model_name, steps_of
from infergraph.runtimes.inspection.numpy_state import values_of
from infergraph.runtimes.inspection.pickle_scan import Scan, scan
from infergraph.runtimes.inspection.pickle_values import Made
from infergraph.runtimes.inspection.pickled_problems import problems_of
from infergraph.runtimes.inspection.pickled_versions import versions
from infergraph.runtimes.inspection.report import Danger, Field, Package, Report, Severity
from infergraph.runtimes.inspection.requirement import newest_python
from infergraph.runtimes.inspection.torch_legacy import LEGACY, LEGACY_PICKLES, describe_legacy

SERVER = "SKLEARN_SERVER"
_MADE_BY = {"sklearn": "scikit-learn"}
# They come with the others, and are not what a model was made with.
_BELOW = frozenset({"numpy", "scipy", "joblib", "threadpoolctl", "pytz", "dateutil"})


def read_pickled(file: Path) -> Report:
    """Return what ``file``, a pickle or a joblib file, holds. Nothing in it runs."""
    found = scan(file)
    report = Report(path=str(file), format=_format(file, found))
    if found.value == LEGACY:
        describe_legacy(scan(file, pickles=LEGACY_PICKLES), report, file.name)
    else:
        _describe(found, report, file.name)
    return report


def _describe(found: Scan, report: Report, where: str) -> None:
    """Add what a scan found to ``report``."""
    top = found.value
    report.framework = _framework(top)
    report.model = model_name(top)
    report.server = SERVER if isinstance(top, Made) else ""
    report.packages = _packages(found)
    report.inputs = _inputs(top)
    report.details |= _details(top)
    report.dangers = [*dangers_in(found.called, where), *_unseen(found, where)]
    report.problems = problems_of(found, report.packages, where)
    made_with = next((one.made_with for one in report.packages if one.name == "scikit-learn"), None)
    report.python = newest_python("scikit-learn", made_with) if made_with else None


def _unseen(found: Scan, where: str) -> list[Danger]:
    if not found.unseen:
        return []
    why = f"{found.unseen}, so nobody knows what the rest of it would call"
    return [Danger(what="unseen", where=where, why=why, severity=Severity.UNSEEN)]


def _format(file: Path, found: Scan) -> str:
    kind = "a joblib file" if any("NumpyArrayWrapper" in one.name for one in found.called) else "a pickle"
    protocol = f", protocol {found.protocol}" if found.protocol is not None else ""
    return f"{kind}{protocol}{', compressed' if is_compressed(file) else ''}"


def _framework(top: Any) -> str:
    kind = top.class_ if isinstance(top, Made) else None
    return _MADE_BY.get(kind.package, kind.package) if kind and kind.package in FRAMEWORKS else ""


def _packages(found: Scan) -> list[Package]:
    """The frameworks that are named, with the versions that they wrote into the file."""
    written = dict(reversed(list(versions(found))))
    modules = dict.fromkeys(one.package for one in found.called if one.package in FRAMEWORKS - _BELOW)
    names = [package_of(module) for module in modules]
    return [Package(name=one, made_with=written.get(one), installed=installed_version(one)) for one in names]


def _front(value: Any) -> list[Made]:
    """Return the model, and the estimators that see the input first: where it says nothing of itself, they may."""
    if not isinstance(value, Made):
        return []
    best = value.attribute("best_estimator_")
    steps = [step for step in steps_of(value) if isinstance(step, Made)]
    return [value, *_front(best), *(_front(steps[0]) if steps else [])]


def _inputs(top: Any) -> list[Field]:
    fronts = _front(top)
    names = next((known for one in fronts if (known := values_of(one.attribute("feature_names_in_")))), None)
    width = next((known for one in fronts if isinstance(known := one.attribute("n_features_in_"), int)), None)
    if names:
        return [Field(name=str(name)) for name in names]
    return [Field(shape=(-1, width))] if width is not None else []


def _details(top: Any) -> dict[str, str]:
    last = steps_of(top)[-1:] if isinstance(top, Made) else []
    classes = next(
        (known for one in (top, *last) if isinstance(one, Made) and (known := values_of(one.attribute("classes_")))),
        None,
    )
    return {"classes": ", ".join(map(str, classes[:20])) + (", ..." if len(classes) > 20 else "")} if classes else {}
