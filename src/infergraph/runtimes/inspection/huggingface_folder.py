"""A folder that Hugging Face's transformers saved: model, task, version, weights, and code of its own."""

from pathlib import Path
from typing import Any

import msgspec

from infergraph.runtimes.inspection.framework import need
from infergraph.runtimes.inspection.report import Danger, Problem, Report, Severity
from infergraph.runtimes.inspection.safetensors_file import read_safetensors
from infergraph.runtimes.inspection.torch_file import read_torch

CONFIG = "config.json"
_MOST_FILES = 64


def is_huggingface(folder: Path) -> bool:
    """Tell whether a folder has the description of a model of transformers."""
    config = _config(folder)
    return config is not None and not config.keys().isdisjoint({"model_type", "architectures", "transformers_version"})


def read_huggingface(folder: Path) -> Report:
    """Return what ``folder`` holds; transformers need not be installed."""
    config = _config(folder) or {}
    report = Report(path=str(folder), format="a folder of Hugging Face's transformers", server="HUGGINGFACE_SERVER")
    report.model = ", ".join(map(str, config.get("architectures") or [config.get("model_type", "")]))
    version = config.get("transformers_version")
    need(report, "transformers", version if isinstance(version, str) else None, folder.name)
    if config.get("auto_map"):
        report.dangers.append(_own_code(config["auto_map"], folder.name))
    _read_weights(folder, report)
    return report


def _config(folder: Path) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode((folder / CONFIG).read_bytes())
    except (OSError, msgspec.DecodeError):
        return None
    return found if isinstance(found, dict) else None


def _own_code(names: Any, where: str) -> Danger:
    listed = ", ".join(map(str, names.values())) if isinstance(names, dict) else str(names)
    why = f"it brings Python code of its own ({listed}), which runs only where trust_remote_code is set"
    return Danger(what=listed, where=where, why=why, severity=Severity.FOREIGN)


def _read_weights(folder: Path, report: Report) -> None:
    safe = sorted(folder.glob("*.safetensors"))[:_MOST_FILES]
    pickled = sorted(folder.glob("pytorch_model*.bin"))[:_MOST_FILES]
    for file in safe:
        report.problems += read_safetensors(file).problems
    for file in pickled:
        report.dangers += read_torch(file).dangers
    if not (safe or pickled or any(folder.glob("*.h5")) or any(folder.glob("*.msgpack"))):
        report.problems.append(Problem(text=f"{folder.name} has {CONFIG} and no weights, such as model.safetensors"))
