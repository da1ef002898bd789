"""What the v1 operator writes into the environment of a component's container (SELDON_V1 §2.3, §4.3)."""

from typing import Any

import msgspec
import yaml

from infergraph.declaration import Parameter
from infergraph.declaration.parameter import ParameterType
from infergraph.errors import BadManifest


def parameters_of(text: str) -> dict[str, int | float | str | bool]:
    """The typed parameters of a JSON list.

    :raises BadManifest: when it is none, or a value is not of its type.
    """
    try:
        given = msgspec.json.decode(text or "[]", type=list[_Given])
    except msgspec.MsgspecError as error:
        raise BadManifest(
            f'--parameters: expected a JSON list such as [{{"name":"n","type":"INT","value":"3"}}]: {error}'
        ) from None
    return {one.name: _typed(one) for one in given}


class _Given(msgspec.Struct):
    name: str
    value: str | int | float | bool
    type: str


def _typed(given: _Given) -> int | float | str | bool:
    if given.type not in ParameterType.__members__:
        valid = ", ".join(ParameterType.__members__)
        raise BadManifest(f"Bad model parameter type: {given.type} valid are {valid}")
    return Parameter(name=given.name, value=str(given.value), type=ParameterType(given.type)).typed()


def described_by(text: str) -> dict[str, Any]:
    """The metadata that a YAML text says. :raises BadManifest: when it is no mapping."""
    try:
        found = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}  # noqa: S506 - both are safe
    except yaml.YAMLError as error:
        raise BadManifest(f"MODEL_METADATA is no YAML: {error}") from None
    if not isinstance(found, dict):
        raise BadManifest(f"MODEL_METADATA: expected a mapping such as `name: my-model`, got {type(found).__name__}")
    return found


def version_of(labels: str) -> str:
    """The version among a predictor's labels, which are a JSON object."""
    try:
        return msgspec.json.decode(labels, type=dict[str, str]).get("version", "")
    except msgspec.MsgspecError:
        return ""
