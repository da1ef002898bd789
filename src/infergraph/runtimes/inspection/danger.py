"""Which names in a pickle are dangerous, and why.

A pickle may call anything that can be imported, so a list of bad names can never be whole; a name that no model needs
is reported all the same, and one that only somebody's own code has is reported as that.
"""

import sys
from collections.abc import Iterable, Mapping

from infergraph.runtimes.inspection.known_names import (
    CYTHON,
    FRAMEWORKS,
    HARMLESS,
    LOADER_MODULES,
    LOADERS,
    NEEDLESS,
    PLAIN,
    SELDOM,
)
from infergraph.runtimes.inspection.pickle_values import Global
from infergraph.runtimes.inspection.report import Danger, Severity

_WHY_CODE = "loading it would call {0}: {1}, and no model needs that"
_WHY_FOREIGN = "{0} is code of somebody's own: it runs with your rights, so trust whoever wrote it"
_WHY_TRAVELS = "code of somebody's own travels inside the file: it runs with your rights, so trust whoever wrote it"


def dangers_in(called: Mapping[Global, bool], where: str) -> list[Danger]:
    """Return what is dangerous among the names of a pickle; the worst first, and each module of others once."""
    found = [danger for one in called if (danger := _danger(one, where))]
    unique = {(danger.what, danger.severity): danger for danger in found}
    return sorted(unique.values(), key=lambda danger: list(Severity).index(danger.severity))


def foreign_modules(called: Iterable[Global]) -> list[str]:
    """Return the modules that are neither Python's own nor those of a framework."""
    return list(dict.fromkeys(one.module for one in called if _is_foreign(one)))


def _danger(one: Global, where: str) -> Danger | None:
    if reason := _reason(one):
        return Danger(what=str(one), where=where, why=_WHY_CODE.format(one, reason), severity=Severity.CODE)
    if reason := SELDOM.get(str(one)):
        why = f"loading it would call {one}: {reason}; trust whoever made it"
        return Danger(what=str(one), where=where, why=why, severity=Severity.FOREIGN)
    if one.package == "cloudpickle":
        return Danger(what="cloudpickle", where=where, why=_WHY_TRAVELS, severity=Severity.FOREIGN)
    if _is_foreign(one):
        return Danger(what=one.module, where=where, why=_WHY_FOREIGN.format(one), severity=Severity.FOREIGN)
    return None


def _reason(one: Global) -> str | None:
    """Say why no model needs this name; None when a model may."""
    name = str(one)
    if name in HARMLESS or name in SELDOM:
        return None
    if one.package in NEEDLESS:
        return NEEDLESS[one.package]
    if one.package in sys.stdlib_module_names and one.package not in PLAIN and one.package != "__main__":
        return "a part of Python that has nothing to do with models"
    parts = one.name.split(".")
    # A name with dots is looked up step by step: joblib.os.system is os.system.
    if inner := next((NEEDLESS[part] for part in parts[:-1] if part in NEEDLESS), None):
        return inner
    is_loader = not (LOADERS.isdisjoint(parts) and LOADER_MODULES.isdisjoint(one.module.split(".")))
    return "it can read other files or run any code" if one.package in FRAMEWORKS and is_loader else None


def _is_foreign(one: Global) -> bool:
    known = (FRAMEWORKS, PLAIN, NEEDLESS, CYTHON, sys.stdlib_module_names)
    return one.package != "cloudpickle" and not any(one.package in names for names in known)
