"""What a server looks at before it loads what may run code, so that what is wrong is a sentence and nothing has run."""

from collections.abc import Sequence
from pathlib import Path

from infergraph.errors import LoadError
from infergraph.runtimes.inspection.artifact import examine
from infergraph.runtimes.inspection.danger import dangers_in
from infergraph.runtimes.inspection.pickle_scan import scan
from infergraph.runtimes.inspection.pickled_problems import missing_problems
from infergraph.runtimes.inspection.report import Danger, Severity

_MOST_OPCODES = 300_000  # a third of a second


def check_pickled(file: Path, *, allow_code: bool) -> None:
    """Look at a pickle without loading it.

    Another version is no reason to refuse: many models work in a later one, and loading tells.

    :raises LoadError: when its bytes end early, when what it needs is not here, or when it calls what no model has to
        call and ``allow_code`` is not set.
    """
    found = scan(file, most_opcodes=_MOST_OPCODES)
    if found.is_cut_short:
        raise LoadError(f"{file.name} is cut short or damaged: copy it again")
    _refuse(dangers_in(found.called, file.name), file.name, allow_code=allow_code)
    if missing := missing_problems(found, file.name):
        raise LoadError("; ".join(one.text for one in missing))


def check_folder(folder: Path, *, allow_code: bool) -> None:
    """Look at a folder with a model and pickles in it.

    :raises LoadError: when one calls what no model has to call and ``allow_code`` is not set.
    """
    _refuse(examine(folder).dangers, folder.name, allow_code=allow_code)


def _refuse(found: Sequence[Danger], name: str, *, allow_code: bool) -> None:
    dangers = [one for one in found if one.severity is Severity.CODE]
    if dangers and not allow_code:
        raise LoadError(
            f"{name} is dangerous and was not loaded: {'; '.join(one.why for one in dangers[:3])}. "
            "If you know who made it and why, the unit's parameter allow_code (type BOOL, value true) loads it"
        )
