"""What the servers of models share that take and give named tensors."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import structlog

from infergraph.errors import BadAnswer, BadMessage, LoadError
from infergraph.runtimes.model_metadata import read_metadata
from infergraph.runtimes.not_loaded import not_loaded
from infergraph.runtimes.one_line import message_of
from infergraph.runtimes.row_probe import answers_rows_apart
from infergraph.runtimes.tensor import Tensor
from infergraph.runtimes.tensor_signature import TensorSignature

logger = structlog.get_logger("infergraph.runtimes")


@dataclass(frozen=True, slots=True)
class TensorModel:
    """A loaded model: what it takes and gives, and the call from checked inputs by name to outputs by name.

    ``refusals`` are the exceptions by which its library says that it cannot take an input. ``folder`` is where
    ``metadata.yaml`` may lie. ``custom`` are texts for the metadata.
    """

    signature: TensorSignature
    call: Callable[[Mapping[str, np.ndarray]], Mapping[str, np.ndarray]]
    refusals: tuple[type[Exception], ...]
    folder: Path
    custom: Mapping[str, str]


class TensorServer(ABC):
    """A model of named tensors, loaded from a file or a folder on this machine.

    ``model_output`` names the outputs that are answered, with commas between them; without it all are. One output is
    answered as an array, several by name. ``rows_are_independent`` says whether requests may be put together in one
    call, along the first dimension; without it the model is asked for some rows apart and together, and if the answers
    are the same then they may.
    """

    platform: ClassVar[str]

    def __init__(
        self, model_uri: str, model_output: str | None = None, *, rows_are_independent: bool | None = None
    ) -> None:
        self.model_uri = model_uri
        self.rows_are_independent = bool(rows_are_independent)
        self.takes_table = True
        self._is_told = rows_are_independent is not None
        self._wanted = model_output
        self._model = TensorModel(TensorSignature(()), not_loaded, (), Path(), {})
        self._metadata: dict[str, Any] = {}

    @abstractmethod
    def read(self, path: Path) -> TensorModel:
        """Load what lies at ``path``. :raises LoadError: when it does not load, whatever the reason."""

    def load(self) -> None:
        """Load the model and learn what it takes and gives.

        :raises ArtifactError: when there are no readable model files.
        :raises LoadError: when they do not load here, or the model has no output of that name.
        """
        model = self.read(Path(self.model_uri))
        model = replace(model, signature=replace(model.signature, outputs=self._outputs(model.signature)))
        if not self._is_told:
            self.rows_are_independent = answers_rows_apart(model.signature, model.call)
            logger.info("rows_tried", file=self.model_uri, are_independent=self.rows_are_independent)
        # Several inputs reach the model by name, and the columns of a table only where there is one.
        self.takes_table = len(model.signature.inputs) == 1
        self._metadata = {
            "platform": self.platform,
            "inputs": [one.described() for one in model.signature.inputs if one.is_known],
            "outputs": [one.described() for one in model.signature.outputs if one.is_known],
            **({"custom": dict(model.custom)} if model.custom else {}),
            **read_metadata(model.folder),
        }
        self._model = model

    def predict(self, X: Any, names: Sequence[str] | None = None) -> Any:  # noqa: N803 - v1's name
        """Return the model's answer: an array for one output, arrays by name for several.

        :raises BadMessage: when ``X`` is not what the model takes. What else the model raises goes to the caller.
        """
        return self.predict_prepared(self.prepare(X, names))

    def prepare(self, X: Any, names: Sequence[str] | None = None) -> Any:  # noqa: N803
        """Return the inputs of one request, checked: an array for one input, arrays by name for several.

        :raises BadMessage: when ``X`` is not what the model takes.
        """
        inputs = self._model.signature.bound(X, names)
        return next(iter(inputs.values())) if len(inputs) == 1 else inputs

    def predict_prepared(self, inputs: Any) -> Any:
        """Return the model's answer to prepared inputs, of one request or of several.

        :raises BadMessage: when the model refuses a value of them.
        """
        model = self._model
        by_name = {model.signature.inputs[0].name: inputs} if isinstance(inputs, np.ndarray) else inputs
        try:
            outputs = model.call(by_name)
        except model.refusals as error:
            raise BadMessage(f"the model cannot take this input: {message_of(error)}") from error
        if model.signature.outputs:
            outputs = _chosen(outputs, model.signature.outputs)
        return next(iter(outputs.values())) if len(outputs) == 1 else outputs

    def init_metadata(self) -> dict[str, Any]:
        """Return what is known of inputs and outputs (SELDON_V1 §4.3), overridden by ``metadata.yaml``."""
        return self._metadata

    def _outputs(self, signature: TensorSignature) -> Any:
        if self._wanted is None:
            return signature.outputs
        wanted = [name.strip() for name in self._wanted.split(",")]
        if not signature.outputs:  # they are known only when it has answered
            return tuple(Tensor(name) for name in wanted)
        by_name = {one.name: one for one in signature.outputs}
        if unknown := [name for name in wanted if name not in by_name]:
            raise LoadError(
                f"the parameter model_output names {', '.join(unknown)}, and the model has {', '.join(by_name)}"
            )
        return tuple(by_name[name] for name in wanted)


def _chosen(outputs: Mapping[str, np.ndarray], wanted: Sequence[Tensor]) -> dict[str, np.ndarray]:
    try:
        return {one.name: outputs[one.name] for one in wanted}
    except KeyError as error:
        raise BadAnswer(f"the model gave no output {error}; it gave {', '.join(outputs)}") from None
