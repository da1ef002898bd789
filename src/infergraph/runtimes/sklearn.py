"""SKLEARN_SERVER: serve a scikit-learn model (SELDON_V1 §5.1, §5.3)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from infergraph.artifacts.locate import find_model_file
from infergraph.errors import BadMessage, LoadError, SetupError
from infergraph.runtimes.acceleration.accelerate import Original, accelerated, advise, checked
from infergraph.runtimes.columns import Columns, forget_names, frame_builder
from infergraph.runtimes.estimators import are_rows_independent, rows_of
from infergraph.runtimes.method import choose_method
from infergraph.runtimes.model_metadata import describe, read_metadata
from infergraph.runtimes.not_loaded import not_loaded
from infergraph.runtimes.one_line import one_line
from infergraph.runtimes.pickled import Pickled, load_pickled
from infergraph.runtimes.row_server import RowServer
from infergraph.runtimes.rows import Rows, Takes
from infergraph.runtimes.trial import try_out, with_limits

logger = structlog.get_logger("infergraph.runtimes")

FILES = ("model.joblib", "model.pickle", "model.pkl", "model.skops")


class SklearnServer(RowServer):
    """A scikit-learn model, loaded from a file or a folder on this machine.

    ``model_uri`` is a local path: the file itself, or a folder with ``model.joblib``, ``model.pickle``, ``model.pkl``
    or ``model.skops``. ``method`` is ``predict_proba`` (the default), ``decision_function``, or another for
    ``predict``. ``trusted`` names types that a skops file may hold beside those that are harmless, with commas.
    With ``accelerate`` as ``auto``, a converted model answers where it is faster and says the same.
    ``allow_code`` also loads a file that calls what no model has to call, such as a function that starts a program.

    Loading a pickle executes code that the file chooses: the path comes from the manifest, never from a request. A
    skops file holds no code.
    """

    files = FILES

    def __init__(
        self,
        model_uri: str,
        method: str | None = None,
        accelerate: str | None = None,
        trusted: str = "",
        *,
        allow_code: bool = False,
    ) -> None:
        super().__init__(model_uri)
        self.allow_code = allow_code
        self.method = method
        self.trusted = frozenset(name.strip() for name in trusted.split(","))
        self._is_accelerated = checked(accelerate)
        self._call: Callable[[Any], Any] = not_loaded

    def load(self) -> None:
        """Load the model, try it out, and learn what input it takes.

        :raises ArtifactError: when there is no readable model file.
        :raises LoadError: when the file does not load here, or holds no fitted model.
        """
        file = find_model_file(Path(self.model_uri), FILES)
        loaded = load_pickled(file, self.trusted, allow_code=self.allow_code)
        try:
            self._learn(loaded, file)
        except SetupError:
            raise
        except Exception as error:  # a model's attributes may run code too, and a broken one's may raise anything
            cause = loaded.other_version or f"{file.name} loads but does not work here"
            raise LoadError(f"{cause} ({one_line(error)})") from error

    def _learn(self, loaded: Pickled, file: Path) -> None:
        method = choose_method(loaded.model, self.method, file.name)
        _check_is_fitted(loaded.model, file.name)
        call = getattr(loaded.model, method)
        self._rows, answer = _try_out(loaded, call, file.name)
        self._columns = _columns(loaded.model, self._rows, call, file.name)
        # Several outputs are a list of arrays, whose length is not that of the rows.
        self.rows_are_independent = not isinstance(answer, list) and are_rows_independent(loaded.model)
        self._metadata = describe(loaded.model, self._rows, method, answer) | read_metadata(file.parent)
        self._call = self._fastest(Original(loaded.model, method, call, self._rows))

    def _fastest(self, original: Original) -> Callable[[Any], Any]:
        if self._columns.frame is not None or not self.rows_are_independent:
            return original.call
        if self._is_accelerated:
            return accelerated(original)
        advise(original)
        return original.call

    def predict_prepared(self, rows: np.ndarray) -> np.ndarray:
        """Return the model's answer to prepared rows, of one request or of several.

        :raises BadMessage: when the model cannot read a value that is no number.
        """
        try:
            return _as_array(self._call(self._columns.framed(rows)))
        except (TypeError, ValueError) as error:
            if rows.dtype != object:  # numbers were checked before the call
                raise
            raise BadMessage(f"the model cannot read a value of these rows: {error}") from error


def _check_is_fitted(model: Any, file: str) -> None:
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    if not type(model).__module__.startswith("sklearn."):
        return  # a class that somebody wrote may keep its state where scikit-learn does not look for it
    try:
        check_is_fitted(model)
    except NotFittedError:
        raise LoadError(f"{file} holds a {type(model).__name__} that was saved before fit; fit it, then save") from None


def _try_out(loaded: Pickled, call: Callable[[Any], Any], file: str) -> tuple[Rows, Any]:
    """Call the model once if it is known what it takes. Return what rows it takes, and its answer or None."""
    rows = rows_of(loaded.model)
    trial = try_out(rows, call)
    if trial and trial.error:
        problem = one_line(trial.error)
        if loaded.other_version:
            raise LoadError(f"{loaded.other_version} (it fails here: {problem})")
        logger.warning("the model fails for a row of numbers, so inputs are not checked", file=file, error=problem)
        return replace(rows, takes=Takes.ANYTHING), None
    if loaded.other_version:
        logger.warning(str(loaded.other_version))
    return with_limits(rows, call), trial and trial.answer


def _columns(model: Any, rows: Rows, call: Callable[[Any], Any], file: str) -> Columns:
    def is_quiet() -> bool:
        trial = try_out(rows, call)
        return trial is not None and trial.is_quiet

    if not rows.columns or (rows.takes is Takes.NUMBERS and forget_names(model, rows.columns, is_quiet)):
        return Columns(rows.columns)
    return Columns(rows.columns, frame_builder(rows.columns, file))


def _as_array(answer: Any) -> np.ndarray:
    """Return an array also for the models that answer a sparse matrix or a list of arrays."""
    if type(answer) is np.ndarray:
        return answer
    return np.asarray(answer.toarray() if hasattr(answer, "toarray") else answer)
