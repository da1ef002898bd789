"""MLFLOW_SERVER: serve any model of MLflow that has the flavor python_function (SELDON_V1 §5.1, §5.3)."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from infergraph.artifacts.locate import find_model_file
from infergraph.errors import BadMessage, LoadError
from infergraph.runtimes.estimators import are_rows_independent, rows_of
from infergraph.runtimes.inspection.check import check_folder
from infergraph.runtimes.mlflow_columns import MlflowColumn, MlflowColumns
from infergraph.runtimes.mlflow_folder import FILE, other_versions, problem_of, why_not_loaded
from infergraph.runtimes.model_metadata import read_metadata
from infergraph.runtimes.not_loaded import not_loaded
from infergraph.runtimes.one_line import message_of
from infergraph.runtimes.package import needed
from infergraph.runtimes.rows import Rows, Takes
from infergraph.runtimes.tensor import Tensor
from infergraph.runtimes.tensor_signature import TensorSignature

logger = structlog.get_logger("infergraph.runtimes")

SERVER = "MLFLOW_SERVER"
_KINDS = ("ndarray", "DataFrame")
_SCHEMA = "Failed to enforce schema"


class MlflowServer:
    """A folder that MLflow saved, with ``MLmodel`` in it.

    With a signature, an input is checked and converted before the call: to a DataFrame where it has named columns, else
    to an array. ``xtype`` says what a model without a signature gets: ``ndarray`` (the default) or ``DataFrame``.
    ``rows_are_independent`` says whether requests may be put together in one call; without it, they are where
    the model is one of scikit-learn's that answers each row by itself. ``allow_code`` also loads a model whose pickle
    calls what no model has to call, such as a function that starts a program.

    Loading a model executes code that the folder chooses: the path comes from the manifest, never from a request.
    """

    files = (FILE,)

    def __init__(
        self,
        model_uri: str,
        xtype: str | None = None,
        *,
        rows_are_independent: bool | None = None,
        allow_code: bool = False,
    ) -> None:
        self.model_uri = model_uri
        self.allow_code = allow_code
        self.xtype = _checked_kind(xtype)
        self.rows_are_independent = bool(rows_are_independent)
        self.takes_table = True
        self._is_told = rows_are_independent is not None
        self._call: Callable[[Any], Any] = not_loaded
        self._prepare: Callable[[Any, Sequence[str] | None], Any] = lambda x, _: x
        self._frame: Callable[[Any], Any] = lambda rows: rows
        self._refusals: tuple[type[Exception], ...] = ()
        self._metadata: dict[str, Any] = {}

    def load(self) -> None:
        """Load the model, and learn from its signature what it takes.

        :raises ArtifactError: when there is no folder of MLflow's.
        :raises LoadError: when it does not load here.
        """
        folder = find_model_file(Path(self.model_uri), self.files).parent
        check_folder(folder, allow_code=self.allow_code)
        # A server tells nobody how it is used.
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        pyfunc = needed("mlflow.pyfunc", server=SERVER, extra="mlflow")
        model = _loaded(pyfunc, folder)
        inner = _inner(model)
        self._learn_inputs(model.metadata.get_input_schema(), inner)
        if not self._is_told and _is_sklearn(inner):
            self.rows_are_independent = are_rows_independent(inner)
        # What an estimator of scikit-learn raises for rows that were checked is about their values.
        self._refusals = (_mlflow_error(), *((ValueError, TypeError) if _is_sklearn(inner) else ()))
        self._metadata = _described(model) | read_metadata(folder)
        self._call = model.predict

    def predict(self, X: Any, names: Sequence[str] | None = None) -> Any:  # noqa: N803 - v1's name
        """Return the model's answer to ``X``: an array, a DataFrame whose columns become names, or plain values.

        :raises BadMessage: when ``X`` is not what the signature says. What else the model raises goes to the caller.
        """
        return self.predict_prepared(self.prepare(X, names))

    def prepare(self, X: Any, names: Sequence[str] | None = None) -> Any:  # noqa: N803
        """Return the rows of one request, checked and with their columns in the model's order.

        :raises BadMessage: when ``X`` is not what the signature says.
        """
        return self._prepare(X, names)

    def predict_prepared(self, rows: Any) -> Any:
        """Return the model's answer to prepared rows, of one request or of several.

        :raises BadMessage: when MLflow finds that they are not what the signature says.
        """
        try:
            answer = self._call(self._frame(rows))
        except self._refusals as error:
            if isinstance(error, _mlflow_error()) and _SCHEMA not in str(error):
                raise
            raise BadMessage(f"the model cannot take this input: {message_of(error)}") from error
        return answer.to_numpy() if type(answer).__name__ == "Series" else answer

    def init_metadata(self) -> dict[str, Any]:
        """Return what the signature says of inputs and outputs, overridden by ``metadata.yaml``."""
        return self._metadata

    def _learn_inputs(self, schema: Any, inner: Any) -> None:
        """Find out how a request becomes what the model takes: from its signature, or from the model inside."""
        if schema is None:
            self._learn_rows(inner)
        elif schema.is_tensor_spec():
            signature = TensorSignature(tuple(_tensor(spec) for spec in schema.inputs))
            self.takes_table = len(signature.inputs) == 1
            self._prepare = lambda x, names: _only(signature.bound(x, names), has_names=schema.has_input_names())
        elif schema.has_input_names():
            columns = MlflowColumns(tuple(_column(spec) for spec in schema.inputs))
            self._prepare, self._frame = columns.prepared, columns.framed

    def _learn_rows(self, inner: Any) -> None:
        rows = rows_of(inner) if _is_sklearn(inner) else Rows(Takes.ANYTHING)
        if self.xtype == "DataFrame":
            self._prepare = lambda x, names: _frame(x, names or rows.columns)
        elif rows.width is not None:
            self._prepare = lambda x, _: rows.check(x)


def _mlflow_error() -> type[Exception]:
    found: type[Exception] = needed("mlflow.exceptions", server=SERVER, extra="mlflow").MlflowException
    return found


def _checked_kind(xtype: str | None) -> str | None:
    if xtype is None:
        return None
    known = next((kind for kind in _KINDS if kind.lower() == xtype.lower()), None)
    if known is None:
        raise LoadError(f"the parameter xtype is {xtype!r}, and it is one of {', '.join(_KINDS)}")
    return known


def _loaded(pyfunc: Any, folder: Path) -> Any:
    if problem := problem_of(folder):
        raise LoadError(problem)
    if others := other_versions(folder):
        logger.warning("the MLflow model was made with other versions", folder=str(folder), packages=", ".join(others))
    try:
        return pyfunc.load_model(str(folder))
    except Exception as error:
        raise LoadError(why_not_loaded(folder, error)) from error


def _inner(model: Any) -> Any:
    """Return the framework's own model inside, None where MLflow does not tell."""
    try:
        return model.get_raw_model()
    except Exception:  # noqa: BLE001 - flavors answer this each in their own way, or not
        return None


def _is_sklearn(inner: Any) -> bool:
    return inner is not None and type(inner).__module__.partition(".")[0] == "sklearn"


def _column(spec: Any) -> MlflowColumn:
    name = getattr(spec.type, "name", None) or str(spec.type)
    return MlflowColumn(spec.name, name, spec.required)


def _tensor(spec: Any) -> Tensor:
    return Tensor(spec.name or "input", np.dtype("O") if spec.type.kind in "OUS" else spec.type, tuple(spec.shape))


def _only(bound: dict[str, np.ndarray], *, has_names: bool) -> Any:
    return bound if has_names else next(iter(bound.values()))


def _frame(x: Any, names: Sequence[str] | None) -> Any:
    import pandas as pd

    if not isinstance(x, np.ndarray) or x.ndim != 2:
        raise BadMessage("the model takes rows of columns, such as [[1, 2]]")
    fits = bool(names) and len(names or ()) == x.shape[1]
    return pd.DataFrame(x, columns=list(names or ()) if fits else None).infer_objects()


def _described(model: Any) -> dict[str, Any]:
    schema, answers = model.metadata.get_input_schema(), model.metadata.get_output_schema()
    flavors = ", ".join(name for name in model.metadata.flavors if name != "python_function")
    custom = {"mlflow_version": str(model.metadata.mlflow_version or ""), "flavors": flavors}
    return {
        "platform": "mlflow",
        "inputs": _described_schema(schema),
        "outputs": _described_schema(answers, "predict"),
        "custom": {name: text for name, text in custom.items() if text},
    }


def _described_schema(schema: Any, name: str = "input") -> list[dict[str, Any]]:
    if schema is None:
        return []
    one = _tensor if schema.is_tensor_spec() else _column_tensor
    tensors = [one(spec) for spec in schema.inputs]
    return [
        {**tensor.described(), **({} if spec.name else {"name": name})}
        for tensor, spec in zip(tensors, schema.inputs, strict=True)
    ]


def _column_tensor(spec: Any) -> Tensor:
    return _column(spec).tensor
