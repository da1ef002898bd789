"""XGBOOST_SERVER: serve an XGBoost model (SELDON_V1 §5.1, §5.3)."""

import json
import warnings
from functools import partial
from pathlib import Path
from typing import Any

from infergraph.errors import LoadError
from infergraph.runtimes.booster_server import BoosterServer
from infergraph.runtimes.file_format import OLD_XGBOOST, XGBOOST, format_of
from infergraph.runtimes.load_failure import not_loaded
from infergraph.runtimes.package import needed
from infergraph.runtimes.pickled import WARNINGS_LOCK
from infergraph.runtimes.rows import Rows, Takes
from infergraph.runtimes.table_server import TableModel

SERVER = "XGBOOST_SERVER"
_OLD_SAYS = "The binary format has been deprecated"


class XgboostServer(BoosterServer):
    """An XGBoost ``Booster``: ``model.bst``, ``model.json`` or ``model.ubj``, whatever format each holds.

    It answers what ``Booster.predict`` does, as upstream's server: (rows, classes) for ``multi:softprob``, (rows,) for
    one number a row, such as the probability of the second of two classes. All trees count, also after early stopping.
    ``accelerate`` is that of `BoosterServer`.
    """

    platform = "xgboost"
    files = ("model.bst", "model.json", "model.ubj")

    def read(self, file: Path) -> TableModel:
        """Load ``file``. :raises LoadError: when it does not load, whatever the reason."""
        xgboost = needed("xgboost", server=SERVER, extra="xgboost")
        booster = _loaded(xgboost, file)
        names = tuple(booster.feature_names or ())
        return TableModel(
            rows=Rows(Takes.NUMBERS, width=booster.num_features(), columns=names),
            call=_call(xgboost, booster),
            refusals=(xgboost.core.XGBoostError,),
            model=booster,
        )


def _loaded(xgboost: Any, file: Path) -> Any:
    booster = xgboost.Booster()
    try:
        # It warns that it has to guess the format where the name does not tell it; it guesses right.
        with WARNINGS_LOCK, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            booster.load_model(file)
    except Exception as error:
        raise LoadError(_explained(xgboost, file, error)) from error
    return booster


def _explained(xgboost: Any, file: Path, error: Exception) -> str:
    if _OLD_SAYS in str(error) or format_of(file) is OLD_XGBOOST:
        return (
            f"{file.name} is {OLD_XGBOOST.name}, which XGBoost {xgboost.__version__} reads no more: load it with "
            'pip install "xgboost-cpu<3.1", and save it with save_model("model.ubj")'
        )
    return not_loaded(file, (XGBOOST,), SERVER, error)


def _call(xgboost: Any, booster: Any) -> Any:
    """Return the call that answers rows; without a DMatrix where the kind of booster allows it, in half the time."""
    kind = json.loads(booster.save_config())["learner"]["gradient_booster"]["name"]
    if kind == "gbtree":
        return partial(booster.inplace_predict, validate_features=False)
    matrix = partial(xgboost.DMatrix, feature_names=booster.feature_names, feature_types=booster.feature_types)
    return lambda rows: booster.predict(matrix(rows))
