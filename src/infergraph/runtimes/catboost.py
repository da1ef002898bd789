"""CATBOOST_SERVER: serve a CatBoost model."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from infergraph.errors import LoadError
from infergraph.runtimes.file_format import CATBOOST
from infergraph.runtimes.load_failure import not_loaded
from infergraph.runtimes.package import needed
from infergraph.runtimes.rows import Rows, Takes
from infergraph.runtimes.table_server import TableModel, TableServer

SERVER = "CATBOOST_SERVER"
_KINDS = {"predict_proba": "Probability", "predict": "Class", "decision_function": "RawFormulaVal"}


class CatboostServer(TableServer):
    """A CatBoost model that ``save_model`` wrote: ``model.cbm``, or ``model.json``.

    ``method`` is that of `SklearnServer`: ``predict_proba`` (the default of a classifier) answers (rows, classes),
    ``predict`` (that of others) the class or the number of each row, ``decision_function`` the raw formula's value.
    Columns of categories take texts and integers, those of texts take texts.
    """

    platform = "catboost"
    files = ("model.cbm", "model.json")

    def __init__(self, model_uri: str, method: str | None = None) -> None:
        super().__init__(model_uri)
        self.method = method
        self._words: list[int] = []

    def read(self, file: Path) -> TableModel:
        """Load ``file``. :raises LoadError: when it does not load, or does not have the method."""
        catboost = needed("catboost", server=SERVER, extra="catboost")
        model = _loaded(catboost, file)
        names = tuple(model.feature_names_)
        classes = tuple(str(name) for name in model.classes_)
        self._words = sorted({*model.get_cat_feature_indices(), *model.get_text_feature_indices()})
        return TableModel(
            rows=Rows(
                Takes.ANYTHING if self._words else Takes.NUMBERS,
                width=len(names),
                columns=() if names == tuple(map(str, range(len(names)))) else names,
            ),
            call=_call(model, self.method, file.name),
            refusals=(catboost.CatBoostError, TypeError),
            classes=classes,
        )

    def prepare(self, X: np.ndarray, names: Sequence[str] | None = None) -> np.ndarray:  # noqa: N803
        """Return the rows of one request, checked and with their columns in the model's order.

        :raises BadMessage: when ``X`` is not what the model takes.
        """
        rows = super().prepare(X, names)
        return _with_words(rows, self._words) if self._words else rows


def _loaded(catboost: Any, file: Path) -> Any:
    model = catboost.CatBoost()
    try:
        model.load_model(str(file), format="json" if file.suffix == ".json" else "cbm")
    except Exception as error:
        raise LoadError(not_loaded(file, (CATBOOST,), SERVER, error)) from error
    return model


def _call(model: Any, method: str | None, file: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return the call that answers rows by ``method``. :raises LoadError: when the model does not have it."""
    is_classifier = len(model.classes_) > 0
    chosen = method or ("predict_proba" if is_classifier else "predict")
    if chosen not in _KINDS:
        raise LoadError(f"the parameter method is {chosen!r}, and a CatBoost model has {', '.join(_KINDS)}")
    if chosen == "predict_proba" and not is_classifier:
        raise LoadError(f"the parameter method is 'predict_proba', and {file} holds a model that is no classifier")
    if chosen != "predict":
        return partial(model.predict, prediction_type=_KINDS[chosen])
    if not is_classifier:
        return model.predict  # type: ignore[no-any-return]
    return lambda rows: model.predict(rows, prediction_type="Class").reshape(len(rows), -1)[:, 0]


def _with_words(rows: np.ndarray, columns: list[int]) -> np.ndarray:
    """Return the rows with whole numbers as integers in the columns of categories: JSON makes floats of all."""
    words = rows.astype(object)
    for column in columns:
        words[:, column] = [int(v) if isinstance(v, float) and v.is_integer() else v for v in words[:, column].tolist()]
    return words
