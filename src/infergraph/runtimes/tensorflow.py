"""TENSORFLOW_SERVER: serve a TensorFlow SavedModel in this process (SELDON_V1 §5.1, §5.3)."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from infergraph.errors import BadMessage, LoadError
from infergraph.payloads.texts import texts_in
from infergraph.runtimes import tensorflow_rest as rest
from infergraph.runtimes.package import needed
from infergraph.runtimes.tensor import ANY, TEXTS, Tensor
from infergraph.runtimes.tensor_server import TensorModel, TensorServer
from infergraph.runtimes.tensor_signature import TensorSignature
from infergraph.runtimes.tensorflow_folder import check_whole, find_saved_model, why_not_loaded

SERVER = "TENSORFLOW_SERVER"
_DEFAULT = "serving_default"


class TensorflowServer(TensorServer):
    """A SavedModel: a folder with ``saved_model.pb``, or with folders of versions, the highest of which is served.

    ``signature_name`` is the signature that answers. ``model_output`` is that of `TensorServer`; a model of one input
    needs no ``model_input``, and ``model_name`` is the unit's. A ``jsonData`` in the form of TensorFlow Serving's REST
    API is answered in that form.
    """

    platform = "tensorflow"

    def __init__(
        self,
        model_uri: str,
        model_output: str | None = None,
        model_input: str | None = None,
        signature_name: str = _DEFAULT,
        model_name: str = "",
        *,
        rows_are_independent: bool | None = None,
    ) -> None:
        super().__init__(model_uri, model_output, rows_are_independent=rows_are_independent)
        self.signature_name = signature_name
        self.model_input = model_input
        self.model_name = model_name

    def read(self, path: Path) -> TensorModel:
        """Load what lies at ``path``. :raises LoadError: when it does not load, whatever the reason."""
        folder = find_saved_model(path)
        check_whole(folder, SERVER)
        tensorflow = _tensorflow()
        try:
            loaded = tensorflow.saved_model.load(str(folder))
        except Exception as error:
            raise LoadError(why_not_loaded(folder, error)) from error
        function = self._signature(loaded)
        _, inputs = function.structured_input_signature
        signature = TensorSignature(_tensors(inputs), _tensors(function.structured_outputs))
        self._check_input(signature)
        # The function is the model's only as long as the model is there.
        self._loaded = loaded
        custom = {"signature_name": self.signature_name, "version": folder.name if folder.name.isdecimal() else ""}
        return TensorModel(
            signature, _call(tensorflow, function), (), folder, {name: text for name, text in custom.items() if text}
        )

    def predict(self, X: Any, names: Sequence[str] | None = None) -> Any:  # noqa: N803 - v1's name
        """Return the model's answer: an array for one output, arrays by name for several, or TensorFlow Serving's form.

        :raises BadMessage: when ``X`` is not what the model takes. What else the model raises goes to the caller.
        """
        if rest.is_rest(X) and not self._has_input(X):
            return rest.answer_to(X, super().predict(rest.inputs_of(X, self.signature_name), names))
        return super().predict(X, names)

    def prepare(self, X: Any, names: Sequence[str] | None = None) -> Any:  # noqa: N803
        """Return the inputs of one request, checked; a request of TensorFlow Serving's form as it is."""
        return X if rest.is_rest(X) and not self._has_input(X) else super().prepare(X, names)

    def predict_prepared(self, inputs: Any) -> Any:
        """Return the model's answer to prepared inputs, of one request or of several."""
        if rest.is_rest(inputs) and not self._has_input(inputs):
            return self.predict(inputs)
        return super().predict_prepared(inputs)

    def _has_input(self, given: Mapping[str, Any]) -> bool:
        """Whether these are inputs of the model that bear such a name."""
        return any(one.name in given for one in self._model.signature.inputs)

    def _signature(self, loaded: Any) -> Any:
        if self.signature_name not in loaded.signatures:
            has = ", ".join(loaded.signatures) or "none; save it with signatures"
            raise LoadError(f"the parameter signature_name is {self.signature_name!r}, and the model has {has}")
        return loaded.signatures[self.signature_name]

    def _check_input(self, signature: TensorSignature) -> None:
        has = [one.name for one in signature.inputs]
        if self.model_input is not None and self.model_input not in has:
            raise LoadError(f"the parameter model_input is {self.model_input!r}, and the model has {', '.join(has)}")


def _tensorflow() -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if told := os.environ.get("OMP_NUM_THREADS"):
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", told)
    return needed("tensorflow", server=SERVER, extra="tensorflow")


def _tensors(specs: Mapping[str, Any]) -> tuple[Tensor, ...]:
    return tuple(_tensor(name, spec) for name, spec in sorted(specs.items()))


def _tensor(name: str, spec: Any) -> Tensor:
    dtype = TEXTS if spec.dtype.name == "string" else np.dtype(spec.dtype.as_numpy_dtype)
    if spec.shape.rank is None:
        return Tensor(name, dtype)
    return Tensor(name, dtype, tuple(ANY if size is None else size for size in spec.shape.as_list()))


def _call(
    tensorflow: Any, function: Callable[..., Mapping[str, Any]]
) -> Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]:
    refusals = (tensorflow.errors.InvalidArgumentError, tensorflow.errors.OutOfRangeError, TypeError)
    constant = tensorflow.constant

    def call(inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        try:
            outputs = function(**{name: constant(array) for name, array in inputs.items()})
        except refusals as error:
            raise BadMessage(f"the model cannot take this input: {_reason(error)}") from error
        return {name: _array(tensor) for name, tensor in outputs.items()}

    return call


def _array(tensor: Any) -> np.ndarray:
    array = np.asarray(tensor.numpy())
    return texts_in(array.astype(object)) if array.dtype.kind in "OS" else array


def _reason(error: Exception) -> str:
    """What is wrong, without the place in the graph and in the code that once built it."""
    lines = [line.strip() for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.startswith(("[[", "Detected at", "File ", "Graph execution"))]
    return (told[-1].partition(" [Op:")[0] if told else type(error).__name__)[:300]
