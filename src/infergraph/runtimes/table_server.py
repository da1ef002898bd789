"""What the servers of models share that take rows of numbers and answer one row a row."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from infergraph.artifacts.locate import find_model_file
from infergraph.errors import BadMessage, LoadError
from infergraph.runtimes.columns import Columns
from infergraph.runtimes.model_metadata import describe_table, read_metadata
from infergraph.runtimes.not_loaded import not_loaded
from infergraph.runtimes.one_line import message_of, one_line
from infergraph.runtimes.row_server import RowServer
from infergraph.runtimes.rows import Rows, Takes
from infergraph.runtimes.trial import attempt, with_limits


@dataclass(frozen=True, slots=True)
class TableModel:
    """A loaded model: what rows it takes, and the call from checked rows to answers.

    ``refusals`` are the exceptions by which its library says that it cannot read a row. ``classes`` are empty for a
    model that is no classifier, or does not say. ``model`` is what the library itself loaded, where it can be
    converted.
    """

    rows: Rows
    call: Callable[[np.ndarray], np.ndarray]
    refusals: tuple[type[Exception], ...]
    classes: tuple[str, ...] = ()
    model: Any = None


class TableServer(RowServer):
    """A model of rows, loaded from a file or a folder on this machine.

    ``model_uri`` is a local path: the file itself, or a folder with one of ``files``.
    """

    platform: ClassVar[str]
    files: ClassVar[tuple[str, ...]]

    def __init__(self, model_uri: str) -> None:
        super().__init__(model_uri)
        self._call: Callable[[np.ndarray], np.ndarray] = not_loaded
        self._refusals: tuple[type[Exception], ...] = ()

    @abstractmethod
    def read(self, file: Path) -> TableModel:
        """Load ``file``. :raises LoadError: when it does not load, whatever the reason."""

    def load(self) -> None:
        """Load the model, try it out, and learn what input it takes.

        :raises ArtifactError: when there is no readable model file.
        :raises LoadError: when the file does not load here.
        """
        file = find_model_file(Path(self.model_uri), self.files)
        model = self.read(file)
        answer = _tried(model, file.name)
        self._rows = with_limits(model.rows, model.call)
        self._columns = Columns(model.rows.columns)
        self._refusals = model.refusals
        self._metadata = describe_table(self.platform, model.rows, answer, model.classes) | read_metadata(file.parent)
        self._call = self.fastest(model)

    def fastest(self, model: TableModel) -> Callable[[np.ndarray], np.ndarray]:
        """Return the call that answers: the model's own, unless a kind of model has a faster one."""
        return model.call

    def predict_prepared(self, rows: np.ndarray) -> np.ndarray:
        """Return the model's answer to prepared rows, of one request or of several.

        :raises BadMessage: when the model refuses a value of these rows.
        """
        try:
            return self._call(rows)
        except self._refusals as error:
            raise BadMessage(f"the model cannot read these rows: {message_of(error)}") from error


def _tried(model: TableModel, file: str) -> np.ndarray | None:
    """Return the answer to one row, None when it is not known what a row is."""
    if model.rows.takes is not Takes.NUMBERS or model.rows.width is None:
        return None
    trial = attempt(model.call, np.zeros((1, model.rows.width)))
    if trial.error:
        raise LoadError(f"{file} loads but does not work here ({one_line(trial.error)})") from trial.error
    return np.asarray(trial.answer)
