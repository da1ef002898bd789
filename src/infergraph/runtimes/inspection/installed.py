"""What is installed here: packages and modules, looked up on disk. Nothing is imported, as a file may name anything."""

import ast
import importlib.machinery
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# Modules whose package has another name for pip.
PACKAGE_OF_MODULE = {
    "sklearn": "scikit-learn",
    "cv2": "opencv-python",
    "PIL": "pillow",
    "skimage": "scikit-image",
    "yaml": "pyyaml",
    "category_encoders": "category-encoders",
    "imblearn": "imbalanced-learn",
    "feature_engine": "feature-engine",
    "sklearn_pandas": "sklearn-pandas",
    "dateutil": "python-dateutil",
    "attr": "attrs",
    "google.protobuf": "protobuf",
}
_SAME_MODULE = {
    "xgboost": ("xgboost", "xgboost-cpu"),
    "tensorflow": ("tensorflow", "tensorflow-cpu"),
    "onnxruntime": ("onnxruntime", "onnxruntime-gpu"),
    "mlflow": ("mlflow", "mlflow-skinny"),
}
_SUFFIXES = tuple(importlib.machinery.all_suffixes())


def package_of(module: str) -> str:
    """Return the name by which pip knows the package of a module."""
    top = module.partition(".")[0]
    return PACKAGE_OF_MODULE.get(top, top)


def installed_version(package: str) -> str | None:
    """Return the version of an installed package, None when it is not installed; also when a variant of it is."""
    for name in _SAME_MODULE.get(package, (package,)):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return None


def has_module(module: str) -> bool:
    """Tell whether ``module`` could be imported: whether it is built in, or its file is where it has to be."""
    if module in sys.builtin_module_names or module in sys.modules:
        return True
    return _place_of(module) is not None


def has_name(module: str, name: str) -> bool:
    """Tell whether ``module`` has ``name``; also True when that cannot be told without importing it."""
    place = _place_of(module)
    if place is None or place.suffix != ".py":
        return True
    try:
        tree = ast.parse(place.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return True
    return _may_bind(tree, name.partition(".")[0])


def mentions(module: str, word: str) -> bool:
    """Tell whether the text of ``module`` has ``word`` in it."""
    place = _place_of(module)
    try:
        return place is not None and word.encode() in place.read_bytes()
    except OSError:
        return False


def _may_bind(tree: ast.Module, name: str) -> bool:
    """A name may be bound anywhere in a module's text, by a star, or by a module's ``__getattr__``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            if node.name in (name, "__getattr__"):
                return True
        elif isinstance(node, ast.Name):
            if node.id in (name, "globals"):
                return True
        elif isinstance(node, ast.alias) and (node.asname or node.name).partition(".")[0] in (name, "*"):
            return True
    return False


@cache
def _place_of(module: str) -> Path | None:
    """Return the file or folder of ``module`` on the path of this process."""
    folders = [Path(entry or ".") for entry in sys.path]
    place = None
    for part in module.split("."):
        if not part.isidentifier():
            return None
        place = next((found for folder in folders if (found := _in(folder, part))), None)
        if place is None:
            return None
        folders = [place if place.is_dir() else place.parent] if place.name.startswith("__init__.") else [place]
    return place


def _in(folder: Path, name: str) -> Path | None:
    package = folder / name
    for suffix in _SUFFIXES:
        if (package / f"__init__{suffix}").is_file():
            return package / f"__init__{suffix}"
    for suffix in _SUFFIXES:
        if (found := folder / f"{name}{suffix}").is_file():
            return found
    return package if package.is_dir() else None
