"""Load a scikit-learn model from its file, and turn each way in which that fails into a sentence."""

import pickle
import struct
import threading
import warnings
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from infergraph.errors import LoadError
from infergraph.runtimes.file_bytes import decompressed
from infergraph.runtimes.file_format import EMPTY, PICKLE, SKOPS, format_of
from infergraph.runtimes.inspection.check import check_pickled
from infergraph.runtimes.inspection.pickle_scan import is_pickle, scan
from infergraph.runtimes.inspection.pickled_problems import missing_module
from infergraph.runtimes.inspection.pickled_versions import sklearn_version
from infergraph.runtimes.load_failure import wrong_format
from infergraph.runtimes.made_with import MadeWith
from infergraph.runtimes.one_line import one_line
from infergraph.runtimes.skops_file import load_skops

logger = structlog.get_logger("infergraph.runtimes")

# Recording warnings changes the whole process, so two loads at once would take each other's.
WARNINGS_LOCK = threading.Lock()

_MOST_BYTES_READ_AGAIN = 1 << 28
_FORMATS = (PICKLE, SKOPS)


@dataclass(frozen=True, slots=True)
class Pickled:
    """A loaded object, and the scikit-learn it was made with when that is not the one installed."""

    model: Any
    other_version: MadeWith | None


def load_pickled(file: Path, trusted: Collection[str] = (), *, allow_code: bool = False) -> Pickled:
    """Load ``file``, a pickle or a joblib file, compressed or not, or a skops file of ``trusted`` types.

    What can be told without loading it is told before: what is missing, and what is dangerous. ``allow_code`` loads it
    also when it calls what no model has to call.

    Unpickling executes code that the file chooses. Call this only for the artifact of the manifest, never for
    anything that a request brought.

    :raises LoadError: when scikit-learn is not installed or the file does not load, whatever the reason.
    """
    joblib = import_joblib()
    if content := _explain_content(file):
        raise LoadError(content)
    is_skops = format_of(file) is SKOPS
    if not is_skops:
        check_pickled(file, allow_code=allow_code)
    try:
        with WARNINGS_LOCK, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model = load_skops(file, trusted) if is_skops else joblib.load(file)
    except LoadError:
        raise
    except Exception as error:  # unpickling runs code of the file, which may raise anything
        raise LoadError(_explain(file, error)) from error
    return Pickled(model, _other_version(file, caught))


def import_joblib() -> Any:
    """Return the joblib package.

    :raises LoadError: when it or scikit-learn is missing.
    """
    try:
        import joblib
        import sklearn  # noqa: F401 - a pickle of a model would report it as missing, less clearly
    except ImportError as error:
        raise LoadError(f'SKLEARN_SERVER needs scikit-learn: pip install "infergraph[sklearn]" ({error})') from None
    return joblib


def _other_version(file: Path, caught: list[warnings.WarningMessage]) -> MadeWith | None:
    import sklearn.exceptions

    kind = getattr(sklearn.exceptions, "InconsistentVersionWarning", ())  # since 1.3
    found = None
    for warning in (entry.message for entry in caught):
        if isinstance(warning, kind):
            found = MadeWith(file.name, warning.original_sklearn_version, warning.current_sklearn_version)
        else:
            logger.warning("the model warned while it was loaded", file=file.name, warning=str(warning))
    return found


def _explain(file: Path, error: Exception) -> str:
    if _is_cut_short(file, error):
        return f"{file.name} is cut short or damaged: copy it again ({one_line(error)})"
    other = _sniffed(file)
    module = (error.name or "") if isinstance(error, ModuleNotFoundError) else ""
    if other and (not module or module.startswith(("_", "sklearn"))):
        return f"{other} ({one_line(error)})"
    if module:
        return missing_module(module, file.name).text
    return f"{file.name} does not load: {one_line(error)}{_advice(error)}"


def _explain_content(file: Path) -> str | None:
    """Say what is wrong with a file that is neither a pickle nor one of skops; None when it begins like one."""
    found = format_of(file)
    if found in _FORMATS:
        return None
    if found is EMPTY:
        return f"{file.name} is empty (0 bytes), and a pickled model was expected: copy it again"
    if found is not None:
        return wrong_format(file, _FORMATS, "SKLEARN_SERVER")
    if is_pickle(file):
        return None
    return f"{file.name} is not a pickle: it begins with {_head(file)!r}; save the model with joblib.dump"


def _is_cut_short(file: Path, error: Exception) -> bool:
    """Tell by the last byte, which is STOP in a whole pickle, and for a very large file by the error alone."""
    if file.stat().st_size <= _MOST_BYTES_READ_AGAIN and _last_byte(file) != pickle.STOP:
        return True
    text = str(error)
    return isinstance(error, EOFError | struct.error) or "EOF" in text or "exhausted" in text or "truncated" in text


def _head(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(24)


def _last_byte(file: Path) -> bytes:
    last = b""
    for chunk in decompressed(file):
        last = chunk[-1:] or last
    return last


def _sniffed(file: Path) -> MadeWith | None:
    import sklearn

    version = sklearn_version(scan(file))
    if version is None or version == sklearn.__version__:
        return None
    return MadeWith(file.name, version, sklearn.__version__)


def _advice(error: Exception) -> str:
    if isinstance(error, AttributeError) and "__main__" in str(error):
        return "; it was defined in the script that trained the model: move it to a module and save the model again"
    return ""
