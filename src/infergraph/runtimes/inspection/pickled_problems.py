"""Why a pickle does not load here, or may not: one sentence each."""

import sys
from collections.abc import Iterator
from typing import Any

from infergraph.runtimes.inspection.danger import foreign_modules
from infergraph.runtimes.inspection.installed import (
    PACKAGE_OF_MODULE,
    has_module,
    has_name,
    installed_version,
    mentions,
    package_of,
)
from infergraph.runtimes.inspection.known_names import CYTHON, FRAMEWORKS
from infergraph.runtimes.inspection.pickle_scan import Scan
from infergraph.runtimes.inspection.pickle_values import Array, Global, Made
from infergraph.runtimes.inspection.report import Package, Problem, Verdict, pip_install
from infergraph.runtimes.inspection.requirement import release, requirements
from infergraph.runtimes.made_with import MadeWith

_TREE = "sklearn.tree._tree.Tree"
_TREES_CHANGED = (1, 3)
_NEW_FIELD = "missing_go_to_left"
# What an estimator's methods need, and its older self does not have: class, attribute.
_NEW_ATTRIBUTES = (("sklearn.impute._base.SimpleImputer", "_fill_dtype"),)


def problems_of(found: Scan, packages: list[Package], where: str) -> list[Problem]:
    """Return everything that speaks against loading it here; nothing when all is as it was where it was made."""
    if found.is_cut_short:
        return [Problem(text=f"{where} is cut short or damaged: copy it again")]
    if found.unseen:
        return [Problem(text=f"{where} could not be read to its end: {found.unseen}", verdict=Verdict.MAY_FAIL)]
    return [*_missing(found, packages, where), *_other_versions(found, packages, where), *_no_model(found.value, where)]


def missing_problems(found: Scan, where: str) -> list[Problem]:
    """Return what is missing here of what a pickle names, whatever the versions."""
    return list(_missing_modules(found, where))


def _no_model(value: Any, where: str) -> Iterator[Problem]:
    if not isinstance(value, Made):
        held = f"{value} itself" if isinstance(value, Global) else f"a {type(value).__name__}"
        yield Problem(text=f"{where} holds {held}, and a fitted model with a predict method was expected")


def _missing(found: Scan, packages: list[Package], where: str) -> Iterator[Problem]:
    """The packages and modules that are not here."""
    for package in packages:
        if package.installed is None:
            need = requirements(package.name, package.made_with) if package.made_with else (package.name,)
            made = f" {package.made_with}" if package.made_with else ""
            yield Problem(
                text=f"{where} needs {package.name}{made}, which is not installed here: {pip_install(need)}",
                install=need,
            )
    yield from _missing_modules(found, where)


def _missing_modules(found: Scan, where: str) -> Iterator[Problem]:
    for module in foreign_modules(found.called):
        if module == "__main__":
            names = ", ".join(one.name for one in found.called if one.module == "__main__" and not _is_here(one))
            if names:
                yield Problem(
                    text=f"{where} needs {names}, which was defined in the script that trained the model: move it to a "
                    "module and save the model again"
                )
        elif not has_module(module):
            yield missing_module(module, where)


def _is_here(one: Global) -> bool:
    return hasattr(sys.modules["__main__"], one.name)


def missing_module(module: str, where: str) -> Problem:
    """Say that a module is not here. A package is named only where it is known: a guess may be somebody's trap."""
    top = module.partition(".")[0]
    need = f"{where} needs the Python module {module}, which is not installed here"
    if top in PACKAGE_OF_MODULE or installed_version(top):
        install = (package_of(top),)
        return Problem(text=f"{need}: {pip_install(install)}", install=install)
    return Problem(text=f"{need}: install the package that has it, or put its folder on PYTHONPATH")


def _other_versions(found: Scan, packages: list[Package], where: str) -> Iterator[Problem]:
    """The packages that are here in another version, or in one that cannot be right."""
    for package in packages:
        if package.installed is None or package.made_with == package.installed:
            continue
        reasons = list(dict.fromkeys(reason for name, reason in _gone(found) if name == package.name))
        if package.made_with is None:
            if reasons:
                yield Problem(text=f"{where} does not fit {package.name} {package.installed}: {'; '.join(reasons)}")
        elif reasons or release(package.made_with)[:2] != release(package.installed)[:2]:
            yield _other_version(package, package.made_with, reasons, where)


def _other_version(package: Package, made_with: str, reasons: list[str], where: str) -> Problem:
    told = f" ({'; '.join(reasons[:3])})" if reasons else ""
    other = MadeWith(where, made_with, str(package.installed), package.name)
    return Problem(
        text=f"{other}{told}",
        install=other.needed,
        verdict=Verdict.FAILS if reasons else Verdict.MAY_FAIL,
    )


def _gone(found: Scan) -> Iterator[tuple[str, str]]:
    """What the installed packages no longer have, or have not yet: package, and what it is."""
    for one in found.called:
        if one.package not in FRAMEWORKS | CYTHON:
            continue
        package = "scikit-learn" if one.package in CYTHON else package_of(one.package)
        if not has_module(one.module):
            yield package, f"there is no module {one.module}"
        elif not has_name(one.module, one.name):
            yield package, f"{one.module} has no {one.name}"
    yield from (("scikit-learn", reason) for reason in _changed(found.made))


def _changed(made: list[Made]) -> Iterator[str]:
    """What scikit-learn changed in the inside of its estimators."""
    installed = release(installed_version("scikit-learn") or "")
    for one in made:
        if one.name == _TREE and (fields := _node_fields(one)):
            is_new = _NEW_FIELD in fields
            if installed and is_new != (installed >= _TREES_CHANGED):
                yield f"trees of scikit-learn {'1.3 and later' if is_new else 'before 1.3'} are laid out otherwise"
        for name, attribute in _NEW_ATTRIBUTES:
            is_old = one.name == name and isinstance(one.state, dict) and attribute not in one.state
            if is_old and one.attribute("statistics_") is not None and mentions(name.rpartition(".")[0], attribute):
                yield f"{name.rpartition('.')[2]} now needs {attribute}, which was not saved"


def _node_fields(tree: Made) -> tuple[str, ...]:
    nodes: Any = tree.attribute("nodes")
    return nodes.fields if isinstance(nodes, Array) else ()
