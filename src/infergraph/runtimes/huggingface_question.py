"""What a request asks a pipeline of Transformers: inputs and parameters, and nothing that leads it elsewhere.

Given a text where it wants a picture or a sound, a pipeline opens the file or fetches the URL of that name: so texts
reach only pipelines of texts. Parameters are those that change an answer; others could load code.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from infergraph.errors import BadMessage
from infergraph.runtimes.package import needed

TEXT_TASKS = frozenset({
    "feature-extraction", "fill-mask", "ner", "question-answering", "sentiment-analysis", "summarization",
    "text-classification", "text-generation", "text2text-generation", "token-classification", "translation",
    "zero-shot-classification",
})  # fmt: skip
IMAGE_TASKS = frozenset({"image-classification", "image-feature-extraction", "object-detection"})

PARAMETERS = frozenset({
    "aggregation_strategy", "candidate_labels", "do_sample", "function_to_apply", "hypothesis_template",
    "max_length", "max_new_tokens", "min_length", "min_new_tokens", "multi_label", "num_beams",
    "num_return_sequences", "repetition_penalty", "return_full_text", "targets", "temperature", "threshold", "top_k",
    "top_p", "truncation",
})  # fmt: skip
INPUT = "args"
"""The input's name in the v2 protocol, as MLServer has it."""


@dataclass(frozen=True, slots=True)
class Question:
    """``inputs`` are a list where several are asked for; ``is_single`` tells one that came without a list."""

    inputs: list[Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    is_single: bool = False


def question_of(given: Any, task: str) -> Question:
    """Return what a request asks.

    It is a text, an array of texts, or a JSON value: a text, a list of them, or an object with ``inputs`` (or ``args``)
    and ``parameters``. In place of texts a pipeline of pictures takes their bytes.

    :raises BadMessage: when it is something else.
    """
    if isinstance(given, Mapping) and not given.keys().isdisjoint(("inputs", INPUT)):
        return _named(given, task)
    if isinstance(given, np.ndarray):
        return Question([_input(value, task) for value in given.ravel().tolist()])
    if isinstance(given, list):
        return Question([_input(value, task) for value in given])
    return Question([_input(given, task)], is_single=True)


def _named(given: Mapping[str, Any], task: str) -> Question:
    """An object of a JSON value, or tensors by name, where each but the inputs is a parameter."""
    rest = {name: value for name, value in given.items() if name not in ("inputs", INPUT, "parameters")}
    own = given.get("parameters", {})
    if not isinstance(own, Mapping):
        raise BadMessage(f"parameters are an object, and a {type(own).__name__} came")
    parameters = {name: _plain(value) for name, value in {**rest, **own}.items()}
    if unknown := sorted(parameters.keys() - PARAMETERS):
        raise BadMessage(f"there is no parameter {unknown[0]:.60} here; there is {', '.join(sorted(PARAMETERS))}")
    asked = question_of(given["inputs"] if "inputs" in given else given[INPUT], task)
    return Question(asked.inputs, parameters, is_single=asked.is_single)


def _plain(value: Any) -> Any:
    """A tensor that is a parameter, as Python's own values; one value alone is no list."""
    if not isinstance(value, np.ndarray):
        return value
    values = [item.decode() if isinstance(item, bytes) else item for item in value.ravel().tolist()]
    return values[0] if len(values) == 1 else values


def _input(value: Any, task: str) -> Any:
    if task in IMAGE_TASKS:
        return _image(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise BadMessage("the model takes texts, and bytes came that are not UTF-8") from None
    if isinstance(value, str) or (isinstance(value, dict) and _is_of_texts(value)) or _is_chat(value):
        return value
    raise BadMessage(f"the model takes texts, and {value!r:.40} came")


def _is_of_texts(value: dict[Any, Any]) -> bool:
    """A question with its context, or a text with its pair."""
    return bool(value) and all(isinstance(text, str) for text in value.values())


def _is_chat(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(m, dict) and _is_of_texts(m) for m in value)


def _image(value: Any) -> Any:
    if not isinstance(value, bytes):
        raise BadMessage(f"the model takes pictures, as bytes (binData, or BYTES in v2), and {value!r:.40} came")
    image = needed("PIL.Image", server="HUGGINGFACE_SERVER", extra="huggingface")
    try:
        opened = image.open(io.BytesIO(value))
        opened.load()
    except Exception as error:  # damaged files make each reader fail in its own way
        raise BadMessage(f"the model takes pictures, and bytes came that are none: {error}") from error
    return opened
