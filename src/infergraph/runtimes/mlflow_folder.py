"""What an MLflow model's folder says of itself, read without MLflow: whether it is whole, and what it was made with."""

import re
from pathlib import Path
from typing import Any

import yaml

from infergraph.runtimes.inspection.installed import installed_version
from infergraph.runtimes.one_line import one_line

FILE = "MLmodel"
FLAVOR = "python_function"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([\w.+!-]+)\s*(?:;.*|#.*)?$")


def problem_of(folder: Path) -> str | None:
    """Say what is wrong with the folder, None when ``MLmodel`` is readable and the files that it names are there."""
    try:
        content = yaml.safe_load((folder / FILE).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return f"{FILE} cannot be read as YAML: copy it again ({one_line(error)})"
    flavors = content.get("flavors") if isinstance(content, dict) else None
    if not isinstance(flavors, dict):
        return f"{FILE} names no flavors: it is cut short, or it is no model of MLflow"
    if not isinstance(flavors.get(FLAVOR), dict):
        return f"{FILE} has no flavor {FLAVOR}, which MLFLOW_SERVER loads; it has {', '.join(map(str, flavors))}"
    return _missing(folder, flavors[FLAVOR])


def _missing(folder: Path, flavor: dict[str, Any]) -> str | None:
    for name in (flavor.get("model_path"), flavor.get("data"), flavor.get("python_model")):
        if isinstance(name, str) and not (folder / name).exists():
            return f"{name} is missing, which {FILE} names: copy the whole folder"
    return None


def why_not_loaded(folder: Path, error: Exception) -> str:
    """Say why a model did not load, when ``error`` is what MLflow said of it."""
    requirements = folder / "requirements.txt"
    install = f": pip install -r {requirements}" if requirements.exists() else ""
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"the MLflow model needs the Python module {error.name}, which is not installed here{install}"
    others = other_versions(folder)
    made = f"; it was made with {', '.join(others)}{install}" if others else ""
    return f"the MLflow model does not load: {one_line(error)}{made}"


def pinned(folder: Path) -> list[tuple[str, str]]:
    """Return the packages that ``requirements.txt`` pins, each with its version; none where there is none to read."""
    try:
        lines = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    return [(found[1], found[2]) for line in lines if (found := _PINNED.match(line.strip()))]


def other_versions(folder: Path) -> list[str]:
    """Return the packages of ``requirements.txt`` of which another version is installed here, or none."""
    return [said for package, version in pinned(folder) if (said := _other(package, version))]


def _other(package: str, version: str) -> str:
    installed = installed_version(package)
    if installed is None:
        return f"{package} {version} (none is installed here)"
    return "" if installed == version else f"{package} {version} ({installed} is installed here)"
