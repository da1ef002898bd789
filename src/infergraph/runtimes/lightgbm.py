"""LIGHTGBM_SERVER: serve a LightGBM model."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from infergraph.errors import LoadError
from infergraph.runtimes.booster_server import BoosterServer
from infergraph.runtimes.file_format import LIGHTGBM, format_of
from infergraph.runtimes.lightgbm_text import Categories, categories_of, problem_of
from infergraph.runtimes.load_failure import cut_short, not_loaded, wrong_format
from infergraph.runtimes.package import needed
from infergraph.runtimes.rows import Rows, Takes
from infergraph.runtimes.table_server import TableModel

SERVER = "LIGHTGBM_SERVER"


class LightgbmServer(BoosterServer):
    """A LightGBM ``Booster`` that ``save_model`` wrote: ``model.txt``, or ``model.bst`` as MLServer has it.

    It answers what ``Booster.predict`` does: (rows, classes) for several classes, (rows,) for one number a row, such as
    the probability of the second of two classes. Columns that were pandas categories take the categories' own values.
    ``accelerate`` is that of `BoosterServer`.
    """

    platform = "lightgbm"
    files = ("model.txt", "model.bst", "model.lgb")

    def __init__(self, model_uri: str, accelerate: str | None = None) -> None:
        super().__init__(model_uri, accelerate)
        self._categories = Categories()

    def read(self, file: Path) -> TableModel:
        """Load ``file``. :raises LoadError: when it does not load, whatever the reason."""
        lightgbm = needed("lightgbm", server=SERVER, extra="lightgbm")
        content = _content(file)
        try:
            booster = lightgbm.Booster(model_file=file)
        except Exception as error:
            raise LoadError(not_loaded(file, (LIGHTGBM,), SERVER, error)) from error
        self._categories = categories_of(content)
        return TableModel(
            rows=Rows(Takes.NUMBERS, width=booster.num_feature(), columns=_names(booster)),
            call=booster.predict,
            refusals=(lightgbm.basic.LightGBMError,),
            model=booster,
        )

    def prepare(self, X: np.ndarray, names: Sequence[str] | None = None) -> np.ndarray:  # noqa: N803
        """Return the rows of one request, checked and with their columns in the model's order.

        :raises BadMessage: when ``X`` is not what the model takes.
        """
        # LightGBM keeps the names of columns without blanks.
        names = [name.replace(" ", "_") for name in names] if names and self._columns.names else None
        if not self._categories.numbers:
            return super().prepare(X, names)
        ordered = self._columns.in_order(self._cells.check(X), names)
        return self._rows.check(self._categories.encoded(ordered))

    @property
    def _cells(self) -> Rows:
        return Rows(Takes.ANYTHING, width=self._rows.width, columns=self._rows.columns)


def _content(file: Path) -> bytes:
    """What is in ``file``. :raises LoadError: when it is no whole model: LightGBM would end the process."""
    if wrong := wrong_format(file, (LIGHTGBM,), SERVER):
        raise LoadError(wrong)
    if format_of(file) is not LIGHTGBM:
        raise LoadError(not_loaded(file, (LIGHTGBM,), SERVER))
    size = file.stat().st_size
    if size > os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"):
        raise LoadError(f"{file.name} has {size:,} bytes, which do not fit into the memory of this machine")
    content = file.read_bytes()
    if problem := problem_of(content):
        raise LoadError(cut_short(file, problem))
    return content


def _names(booster: Any) -> tuple[str, ...]:
    """Return the columns' names, none when LightGBM numbered them."""
    names = tuple(booster.feature_name())
    return () if names == tuple(f"Column_{index}" for index in range(len(names))) else names
