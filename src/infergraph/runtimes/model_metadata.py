"""What a model tells about its inputs and outputs, in the form of SELDON_V1 §4.3."""

from pathlib import Path
from typing import Any

import numpy as np
import structlog
import yaml

from infergraph.payloads.datatypes import datatype_of
from infergraph.runtimes.rows import Rows, Takes

logger = structlog.get_logger("infergraph.runtimes")


def describe(model: Any, rows: Rows, method: str, answer: Any) -> dict[str, Any]:
    """Return metadata of ``model``: each part that is known. Shapes are those of one row.

    ``answer`` is what ``method`` answered to one row, None when it was not tried.
    """
    classes = getattr(model, "classes_", None)
    width = 1 if rows.takes is Takes.TEXT else rows.width
    found: dict[str, Any] = {
        "platform": "sklearn",
        "inputs": _part([] if width is None else [width], rows.columns),
        "outputs": _part(_output_shape(method, classes, answer), ()),
    }
    if isinstance(classes, np.ndarray):
        found["custom"] = {"classes": ", ".join(str(name) for name in classes)}
    return found


def describe_table(
    platform: str, rows: Rows, answer: np.ndarray | None, classes: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return metadata of a model of rows. ``answer`` is that to one row, None when it was not tried.

    The output is described as the v2 protocol does, with its type; MLServer calls it ``predict`` too.
    """
    outputs: list[dict[str, Any]] = []
    if answer is not None and (datatype := datatype_of(answer.dtype)):
        outputs = [{"name": "predict", "datatype": datatype, "shape": [-1, *answer.shape[1:]]}]
    found = {"platform": platform, "inputs": _part([] if rows.width is None else [rows.width], rows.columns)}
    return found | {"outputs": outputs} | ({"custom": {"classes": ", ".join(classes)}} if classes else {})


def read_metadata(folder: Path) -> dict[str, Any]:
    """Return the content of ``metadata.yaml`` in ``folder``; nothing when there is none or it is no mapping.

    A model is served without it, so a broken one is a warning only, as in Seldon v1.
    """
    file = folder / "metadata.yaml"
    if not file.is_file():
        return {}
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        logger.warning(
            "metadata.yaml is ignored: it cannot be read", file=str(file), error=" ".join(str(error).split())
        )
        return {}
    if not isinstance(content, dict):
        logger.warning("metadata.yaml is ignored: a mapping was expected, such as inputs: [...]", file=str(file))
        return {}
    return content


def _part(shape: list[int], names: tuple[str, ...]) -> list[dict[str, Any]]:
    if not shape:
        return []
    schema: dict[str, Any] = {"shape": shape} | ({"names": list(names)} if names else {})
    return [{"messagetype": "ndarray", "schema": schema}]


def _output_shape(method: str, classes: Any, answer: Any) -> list[int]:
    if answer is not None and not isinstance(answer, list):
        return list(answer.shape[1:]) or [1]
    if method == "predict_proba" and isinstance(classes, np.ndarray):
        return [len(classes)]
    return []
