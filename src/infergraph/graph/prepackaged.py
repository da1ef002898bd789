"""A prepackaged server, of ours or of the user's own, built with its unit's parameters and its model's files."""

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infergraph.artifacts.obtain import obtain
from infergraph.components.python_class import build
from infergraph.declaration import PredictiveUnit
from infergraph.errors import LoadError
from infergraph.runtimes.catalog import runtime_class

DIGEST_PARAMETER = "sha256"


def server_of(
    unit: PredictiveUnit,
    parameters: Mapping[str, Any],
    folder: Path,
    *,
    artifacts: Mapping[str, Path],
    own: Mapping[str, str],
) -> object:
    """The server of a unit. ``own`` maps an implementation's name to the ``module:Class`` of one of the user's own.

    :raises LoadError: when there is none, or it does not take the parameters; ArtifactError when files are missing.
    """
    given = dict(parameters)
    expected = str(given.pop(DIGEST_PARAMETER)) if DIGEST_PARAMETER in given else None
    spec = own.get(unit.implementation)
    found = None if spec else runtime_class(unit.implementation)
    if unit.model_uri or found is None or not _may_lack_files(found):
        given["model_uri"] = str(obtain(unit.model_uri, folder=folder, artifacts=artifacts, sha256=expected))
    return build(str(spec), folder, given, unit.name) if found is None else constructed(found, given, unit)


def constructed(found: type, parameters: Mapping[str, Any], unit: PredictiveUnit) -> object:
    """An object of one of our own classes.

    :raises LoadError: when it does not take the parameters.
    """
    _check_names(found, parameters, unit)
    try:
        return found(**parameters)
    except TypeError as error:
        raise LoadError(f"unit `{unit.name}`: {unit.implementation} does not take these parameters: {error}") from error
    except LoadError as error:
        raise LoadError(f"unit `{unit.name}`: {error}") from error


def _check_names(found: type, parameters: Mapping[str, Any], unit: PredictiveUnit) -> None:
    signature = inspect.signature(found).parameters
    if any(each.kind is each.VAR_KEYWORD for each in signature.values()):
        return
    taken = set(signature)
    if unknown := sorted(parameters.keys() - taken):
        # What reads model files takes the path from us, and what pins them.
        its = taken - {"model_uri"} | ({DIGEST_PARAMETER} if "model_uri" in taken else set())
        wrong = ", ".join(f"`{name}`" for name in unknown)
        has = f"it has {', '.join(sorted(its))}" if its else "it has none"
        raise LoadError(f"unit `{unit.name}`: {unit.implementation} has no parameter {wrong}; {has}")


def _may_lack_files(server: type) -> bool:
    """Whether a server can find its model by itself: then it has a default for ``model_uri``."""
    parameter = inspect.signature(server).parameters.get("model_uri")
    return parameter is not None and parameter.default is not parameter.empty
