"""HUGGINGFACE_SERVER: serve a pipeline of Transformers (SELDON_V1 §5.1, §5.3)."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from infergraph.artifacts.locate import find_model_file
from infergraph.errors import BadMessage, LoadError
from infergraph.runtimes.huggingface_folder import CONFIG, check_has_tokenizer, read_config, task_of, why_not_loaded
from infergraph.runtimes.huggingface_question import IMAGE_TASKS, INPUT, TEXT_TASKS, Question, question_of
from infergraph.runtimes.model_metadata import read_metadata
from infergraph.runtimes.not_loaded import not_loaded
from infergraph.runtimes.one_line import message_of
from infergraph.runtimes.package import needed

SERVER = "HUGGINGFACE_SERVER"


class HuggingfaceServer:
    """A pipeline of Transformers, from a folder that ``save_pretrained`` wrote, model and tokenizer.

    ``task`` is the pipeline's; without it, the one that the model's architecture is for. ``pretrained_tokenizer`` is
    another folder with the tokenizer. Without a ``model_uri``, ``pretrained_model`` is a model that Transformers finds
    or downloads itself. ``batch_size`` texts are computed together, of one request or of several.

    An array of texts is answered by an array of JSON texts, one for each, as MLServer has it; a text or a JSON value
    by JSON.
    """

    files = (CONFIG,)
    takes_table = False

    def __init__(
        self,
        model_uri: str = "",
        task: str | None = None,
        pretrained_model: str | None = None,
        pretrained_tokenizer: str | None = None,
        *,
        optimum_model: bool = False,
        framework: str = "pt",
        batch_size: int = 1,
    ) -> None:
        if optimum_model:
            raise LoadError("optimum_model is not served here: export the model to ONNX, which ONNX_SERVER serves")
        if framework != "pt":
            raise LoadError(f"the parameter framework is {framework!r}, and Transformers runs on PyTorch alone: pt")
        self.model_uri = model_uri
        self.task = task
        self.pretrained_model = pretrained_model
        self.pretrained_tokenizer = pretrained_tokenizer
        self.batch_size = batch_size
        self.rows_are_independent = batch_size > 1
        self._pipeline: Any = not_loaded
        self._metadata: dict[str, Any] = {}

    def load(self) -> None:
        """Load model and tokenizer.

        :raises ArtifactError: when there is no ``config.json``.
        :raises LoadError: when they do not load here, or the task is none that is served.
        """
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # a server tells nobody how it is used
        if not self.model_uri:
            self._load_by_name()
            return
        folder = find_model_file(Path(self.model_uri), self.files).parent
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # what is in the folder is all that is served
        config = read_config(folder)
        self.task = _served_task(self.task or task_of(config))
        if self.task in TEXT_TASKS and not self.pretrained_tokenizer:
            check_has_tokenizer(folder)
        transformers = _transformers()
        try:
            self._pipeline = self._made(transformers, str(folder))
        except Exception as error:
            raise LoadError(why_not_loaded(folder, config, transformers.__version__, error)) from error
        self._metadata = self._described() | read_metadata(folder)

    def predict(self, X: Any, names: Sequence[str] | None = None) -> Any:  # noqa: ARG002, N803 - v1's name
        """Return the pipeline's answer: JSON texts of shape (rows, 1) to an array, else plain values.

        :raises BadMessage: when ``X`` is not what the pipeline takes.
        """
        asked = question_of(X, str(self.task))
        answers = self._asked(asked)
        if isinstance(X, np.ndarray) or (isinstance(X, dict) and any(isinstance(v, np.ndarray) for v in X.values())):
            return _texts(answers)
        return answers[0] if asked.is_single else answers

    def prepare(self, X: Any, names: Sequence[str] | None = None) -> Any:  # noqa: ARG002, N803
        """Return the texts of one request, of shape (rows,), to be answered with those of others."""
        if not isinstance(X, np.ndarray):
            return X
        texts = np.empty(X.size, dtype=object)
        texts[:] = question_of(X, str(self.task)).inputs
        return texts

    def predict_prepared(self, rows: Any) -> Any:
        """Return the pipeline's answer to prepared texts, of one request or of several."""
        return self.predict(rows)

    def init_metadata(self) -> dict[str, Any]:
        """Return what is known of inputs and outputs (SELDON_V1 §4.3), overridden by ``metadata.yaml``."""
        return self._metadata

    def _load_by_name(self) -> None:
        if not self.pretrained_model:
            raise LoadError(f"{SERVER} needs a modelUri, or the parameter pretrained_model")
        transformers = _transformers()
        try:
            self._pipeline = self._made(transformers, self.pretrained_model)
        except Exception as error:
            raise LoadError(f"the model {self.pretrained_model} cannot be had: {message_of(error):.300}") from error
        self.task = _served_task(self._pipeline.task)
        self._metadata = self._described()

    def _made(self, transformers: Any, model: str) -> Any:
        # Without the last one it asks on the terminal, and waits.
        return transformers.pipeline(
            self.task, model=model, tokenizer=self.pretrained_tokenizer, trust_remote_code=False
        )

    def _asked(self, question: Question) -> list[Any]:
        if not question.inputs:
            raise BadMessage("the model takes texts, and there are none")
        size = {"batch_size": self.batch_size} if self.batch_size > 1 else {}
        try:
            answers = self._pipeline(question.inputs, **size, **question.parameters)
        except (ValueError, TypeError, KeyError, IndexError, RuntimeError) as error:
            raise BadMessage(f"the model cannot take this input: {message_of(error):.300}") from error
        return [_plain(answer) for answer in answers]

    def _described(self) -> dict[str, Any]:
        config = self._pipeline.model.config
        labels = getattr(config, "id2label", None) if "classification" in str(self.task) else None
        custom = {"task": str(self.task), "model_type": str(config.model_type)}
        return {
            "platform": "huggingface",
            "inputs": [{"name": INPUT, "datatype": "BYTES", "shape": [-1]}],
            "outputs": [{"name": "output", "datatype": "BYTES", "shape": [-1, 1]}],
            "custom": {**custom, **({"labels": ", ".join(map(str, labels.values()))} if labels else {})},
        }


def _transformers() -> Any:
    needed("torch", server=SERVER, extra="huggingface")
    return needed("transformers", server=SERVER, extra="huggingface")


def _served_task(task: str) -> str:
    if task not in TEXT_TASKS | IMAGE_TASKS and not task.startswith("translation_"):
        served = ", ".join(sorted(TEXT_TASKS | IMAGE_TASKS))
        raise LoadError(f"the task {task!r} is not served here; those that are: {served}")
    return task


def _texts(answers: list[Any]) -> np.ndarray:
    texts = np.empty((len(answers), 1), dtype=object)
    texts[:, 0] = [json.dumps(answer, ensure_ascii=False) for answer in answers]
    return texts


def _plain(value: Any) -> Any:
    """An answer as JSON can say it."""
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.tolist() if hasattr(value, "tolist") else value
