"""What a component says of itself (SELDON_V1 §4.3, Metadata)."""

from typing import Any

from infergraph.components.method import method_of
from infergraph.errors import BadAnswer, ComponentFailed
from infergraph.payloads import json_text
from infergraph.payloads.payload import JsonObject

REASON = "MICROSERVICE_BAD_METADATA"


def metadata_of(target: object, *, unit: str, image: str) -> JsonObject:
    """Name, versions, platform, inputs, outputs, custom: what ``init_metadata`` gives, over what the image says.

    :raises ComponentFailed: when ``init_metadata`` raises, or gives what is no JSON object.
    """
    name, _, version = image.rpartition(":")
    if not name or "/" in version:  # no tag: the colon, if any, is a registry's port
        name, version = image, ""
    defaults = {"custom": {}, "inputs": [], "name": name, "outputs": [], "platform": "", "versions": [version]}
    return {**defaults, **_given(target, unit)}


def _given(target: object, unit: str) -> JsonObject:
    if (method := method_of(target, "init_metadata")) is None:
        return {}
    try:
        given = method()
        json_text.encode(given)
    except BadAnswer as error:
        raise unavailable(unit, f"init_metadata returned what JSON cannot say: {error.__cause__}") from error
    except (Exception, SystemExit) as error:
        raise unavailable(unit, f"init_metadata raised {type(error).__name__}: {error}") from error
    if given is not None and not isinstance(given, dict):
        raise unavailable(unit, f"init_metadata returned {type(given).__name__}, expected a dict")
    return given or {}


def unavailable(unit: str, why: Any) -> ComponentFailed:
    """The error of a component that cannot say what it is."""
    return ComponentFailed(f"Model metadata unavailable: unit `{unit}`: {why}", unit=unit, reason=REASON)
