"""The environment variables that a unit's container has in the manifest, for code that runs without a container."""

import os
from collections.abc import Iterable

import structlog

from infergraph.declaration import EnvVar

log = structlog.get_logger("infergraph.load")

_set_by: dict[str, str] = {}


def set_environment(variables: Iterable[EnvVar], unit: str) -> None:
    """Set the container's variables in this process.

    One that the process was started with stays as it is: who starts it has the last word. All units share one process,
    so a second unit cannot have another value; that, and a value from a secret, is said in the log.
    """
    for variable in variables:
        if variable.value_from is not None:
            _warn(unit, variable.name, "comes from a secret or config map of a cluster")
        elif variable.name not in os.environ:
            os.environ[variable.name] = variable.value
            _set_by[variable.name] = unit
        elif variable.name in _set_by and os.environ[variable.name] != variable.value:
            _warn(unit, variable.name, f"has another value already, for unit {_set_by[variable.name]}")


def environment_of(variables: Iterable[EnvVar], unit: str) -> dict[str, str]:
    """The container's variables, for a process that this one starts; those that this one has itself are not among them.

    What comes from a secret is said in the log.
    """
    found = {}
    for variable in variables:
        if variable.name in os.environ:
            continue
        if variable.value_from is not None:
            _warn(unit, variable.name, "comes from a secret or config map of a cluster")
        else:
            found[variable.name] = variable.value
    return found


def _warn(unit: str, variable: str, why: str) -> None:
    if variable not in os.environ or variable in _set_by:
        log.warning("environment_not_set", unit=unit, variable=variable, why=why)
