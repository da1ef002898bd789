"""What a folder of Transformers says of itself, read without Transformers: its task, and whether it is whole."""

import json
from pathlib import Path
from typing import Any

from infergraph.errors import LoadError
from infergraph.runtimes.one_line import one_line

CONFIG = "config.json"

# By the end of the architecture's name, as Transformers calls its classes.
_TASKS = {
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForQuestionAnswering": "question-answering",
    "ForMaskedLM": "fill-mask",
    "ForCausalLM": "text-generation",
    "LMHeadModel": "text-generation",
    "ForImageClassification": "image-classification",
    "ForObjectDetection": "object-detection",
    "Model": "feature-extraction",
}
_WEIGHTS = ("*.safetensors", "*.bin")
_TOKENIZERS = ("tokenizer.json", "vocab*", "merges.txt", "*.model", "*.spm", "*.tiktoken")


def read_config(folder: Path) -> dict[str, Any]:
    """Return the content of ``config.json``.

    :raises LoadError: when it is no JSON object, asks for code of its own, or no weights lie beside it.
    """
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except ValueError as error:
        raise LoadError(f"{CONFIG} is no JSON: it is cut short or damaged, copy it again ({one_line(error)})") from None
    if not isinstance(config, dict):
        raise LoadError(f"{CONFIG} holds no JSON object, and the configuration of a model was expected")
    if config.get("auto_map"):
        raise LoadError(f"{CONFIG} asks for code of the model's own (auto_map), which is not run here")
    if not _has(folder, _WEIGHTS):
        raise LoadError(f"{folder} holds no weights: looked for {' and '.join(_WEIGHTS)} beside {CONFIG}")
    return config


def task_of(config: dict[str, Any]) -> str:
    """Return the task that the model's architecture is for.

    :raises LoadError: when it does not tell.
    """
    architectures = config.get("architectures")
    name = str(architectures[0]) if isinstance(architectures, list) and architectures else ""
    found = next((task for end, task in _TASKS.items() if name.endswith(end)), None)
    if found is None:
        raise LoadError(
            f"{CONFIG} does not tell what the model is for ({name or 'no architectures'}): say it with task"
        )
    return found


def check_has_tokenizer(folder: Path) -> None:
    """:raises LoadError: when the folder has none; Transformers would make one that knows no word."""
    if not _has(folder, _TOKENIZERS):
        raise LoadError(
            f"{folder} holds no tokenizer, such as tokenizer.json: save it there with tokenizer.save_pretrained, or "
            "name it with pretrained_tokenizer"
        )


def why_not_loaded(folder: Path, config: dict[str, Any], version: str, error: Exception) -> str:
    """Say why Transformers of this version did not load the folder, when ``error`` is what it said."""
    made = config.get("transformers_version")
    other = f"; it was saved with transformers {made}, and {version} is installed here" if made != version else ""
    if "does not recognize this architecture" in str(error):
        return f"the model type {config.get('model_type')!r} is none that transformers {version} knows{other}"
    if type(error).__name__ == "SafetensorError":
        return f"the weights in {folder} are cut short or damaged: copy them again ({one_line(error)})"
    return f"{folder} does not load: {one_line(error)}{other}"


def _has(folder: Path, patterns: tuple[str, ...]) -> bool:
    return any(next(folder.glob(pattern), None) for pattern in patterns)
