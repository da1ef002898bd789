"""Whether an object is still what was applied, told without comparing what the API server made of it.

It fills in defaults and writes quantities its own way, so an object never reads back as it was said. Two marks are
compared instead: the hash of what was said, which stands in an annotation, and the list of fields that the API server
keeps for our field manager. Whoever changes a field of ours takes it from that list.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

import msgspec

FIELD_MANAGER: Final = "infergraph"
APPLIED: Final = "infergraph.io/applied"
"""The annotation with the hash of what was said."""


def stamped(desired: dict[str, Any]) -> dict[str, Any]:
    """The object with the hash of itself."""
    metadata = desired["metadata"]
    annotations = {**metadata.get("annotations", {}), APPLIED: _digest(desired)}
    return {**desired, "metadata": {**metadata, "annotations": dict(sorted(annotations.items()))}}


def stamp(one: dict[str, Any]) -> str:
    """The hash that an object carries; empty where it was not us who made it."""
    return str(one["metadata"].get("annotations", {}).get(APPLIED, ""))


def fields_mark(one: dict[str, Any]) -> str:
    """A hash of the fields that are ours; empty where none are."""
    ours = list(_our_fields(one))
    return _digest(ours) if ours else ""


def has_our_replicas(one: dict[str, Any]) -> bool:
    """Whether the number of pods is one of them."""
    return any("f:replicas" in fields.get("f:spec", {}) for fields in _our_fields(one))


def _our_fields(one: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in one["metadata"].get("managedFields") or ():
        if entry.get("manager") == FIELD_MANAGER and entry.get("operation") == "Apply" and not entry.get("subresource"):
            yield entry.get("fieldsV1") or {}


def contains(live: Any, desired: Any) -> bool:
    """Whether all that is said stands in an object as it was said."""
    if isinstance(desired, dict):
        return isinstance(live, dict) and all(
            contains(live.get(key), value) if value not in (None, {}, []) else not live.get(key)
            for key, value in desired.items()
        )
    if isinstance(desired, list):
        return isinstance(live, list) and len(live) == len(desired) and all(map(contains, live, desired))
    return bool(live == desired)


def _digest(value: Any) -> str:
    return hashlib.blake2b(msgspec.json.encode(value, order="deterministic"), digest_size=12).hexdigest()
