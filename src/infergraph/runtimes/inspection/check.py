"""What a server looks at before it loads a pickle, so that what is wrong is one clear sentence and nothing has run."""

from pathlib import Path

from infergraph.errors import LoadError
from infergraph.runtimes.inspection.danger import dangers_in
from infergraph.runtimes.inspection.pickle_scan import scan
from infergraph.runtimes.inspection.pickled_problems import missing_problems
from infergraph.runtimes.inspection.report import Severity

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
    dangers = [one for one in dangers_in(found.called, file.name) if one.severity is Severity.CODE]
    if dangers and not allow_code:
        raise LoadError(
            f"{file.name} is dangerous and was not loaded: {'; '.join(one.why for one in dangers[:3])}. "
            "If you know who made it and why, the unit's parameter allow_code (type BOOL, value true) loads it"
        )
    if missing := missing_problems(found, file.name):
        raise LoadError("; ".join(one.text for one in missing))
