"""A user's class: found beside the manifest, and built with the unit's parameters."""

import importlib
import inspect
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from infergraph.components import compat
from infergraph.errors import LoadError

Parameters = Mapping[str, int | float | str | bool]


def build(spec: str, folder: Path, parameters: Parameters, unit: str) -> object:
    """An object of the class ``module:Class``, looked up in ``folder`` first, built with ``parameters`` by keyword.

    ``Class`` alone means module ``Class``, class ``Class``, as the v1 wrapper has it (SELDON_V1 §4.3). With a path
    before it, ``path/module:Class``, it is looked up in that folder below ``folder``.

    :raises LoadError: when there is no such class, or it does not import or build; it says where it went wrong.
    """
    folder, spec = located(spec, folder)
    module_name, _, class_name = spec.partition(":")
    if not class_name:
        module_name, _, class_name = spec.rpartition(".") if "." in spec else (spec, "", spec)
    if not (module_name.strip() and class_name.strip()):
        raise LoadError(
            f"unit `{unit}`: {spec!r} names no class; expected MODULE:CLASS, or MODULE for a class of its name"
        )
    where = f"unit `{unit}`: {module_name}:{class_name}"
    found = _class(_module(module_name, folder, where), class_name, where)
    try:
        return found(**parameters)
    except (Exception, SystemExit) as error:
        raise LoadError(f"{where} cannot be built with {_call(parameters)}: {_reason(error)}") from error


def located(spec: str, folder: Path) -> tuple[Path, str]:
    """The folder that a class is looked up in first, and the class without the path to it."""
    module, divider, name = spec.partition(":")
    path, slash, module = module.rpartition("/")
    return (folder / path if slash else folder), module + divider + name


def _module(name: str, folder: Path, where: str) -> ModuleType:
    if (path := str(folder.resolve())) not in sys.path:
        sys.path.insert(0, path)
    compat.offer()
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise LoadError(f"{where}: there is no module `{name}` in {folder} nor installed here") from error
        raise LoadError(f"{where} imports `{error.name}`, which is not installed: pip install it first") from error
    except (Exception, SystemExit) as error:
        raise LoadError(f"{where} does not import: {_reason(error)}") from error
    _refuse_namesake(module, name, folder, where)
    return module


def _refuse_namesake(module: ModuleType, name: str, folder: Path, where: str) -> None:
    """Two folders may each hold a module of this name; only the first can be imported."""
    wanted = folder.resolve() / f"{name.replace('.', '/')}.py"
    loaded = getattr(module, "__file__", None)
    if wanted.exists() and loaded and Path(loaded).resolve() != wanted:
        raise LoadError(
            f"{where}: another module named `{name}` is loaded already ({loaded}); rename one of the two, "
            "or let one run in a process of its own, with --isolate"
        )


def _class(module: ModuleType, name: str, where: str) -> type:
    found = getattr(module, name, None)
    if isinstance(found, type):
        return found
    here = [
        key for key, value in vars(module).items() if isinstance(value, type) and value.__module__ == module.__name__
    ]
    raise LoadError(f"{where}: the module has no class `{name}`; its classes are {', '.join(here) or 'none'}")


def _call(parameters: Parameters) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in parameters.items()) or "no parameters"


def _reason(error: BaseException) -> str:
    """The exception with the last line of the user's code that it came through."""
    text = f"{type(error).__name__}: {error}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename not in _OWN_FILES]
    frames = [f for f in frames if not f.filename.startswith("<frozen")]
    return f"{text} ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else text


_OWN_FILES = frozenset({__file__, inspect.getfile(importlib), inspect.getfile(inspect)})
