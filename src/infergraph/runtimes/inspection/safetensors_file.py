"""A safetensors file: its header names each tensor, with its type and shape. It holds no code."""

from pathlib import Path
from typing import Any

import msgspec

from infergraph.runtimes.inspection.mapped_file import mapped
from infergraph.runtimes.inspection.report import Problem, Report


def read_safetensors(file: Path) -> Report:
    """Return what ``file`` holds."""
    report = Report(path=str(file), format="a safetensors file", framework="safetensors")
    if problem := _read(file, report):
        report.problems.append(Problem(text=f"{file.name} is cut short or damaged: copy it again ({problem})"))
    return report


def _read(file: Path, report: Report) -> str | None:
    view = mapped(file)
    length = int.from_bytes(view[:8], "little")
    if length > len(view) - 8:
        return "its header ends after the file does"
    try:
        header = msgspec.json.decode(view[8 : 8 + length], type=dict[str, dict[str, Any]])
    except msgspec.DecodeError as error:
        return str(error)
    meta = header.pop("__metadata__", {})
    report.details = {"tensors": str(len(header)), **{str(key): str(value) for key, value in meta.items()}}
    ends = [offsets[1] for one in header.values() if isinstance(offsets := one.get("data_offsets"), list) and offsets]
    missing = max(ends, default=0) - (len(view) - 8 - length)
    return f"{missing:,} bytes are missing" if missing > 0 else None
