"""Events about a deployment, as `kubectl describe` shows them: each once, and counted up when it comes again."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

COMPONENT: Final = "infergraph-operator"
_MOST: Final = 4096
"""How many are remembered; one that is forgotten is written as if it came for the first time."""
_LONGEST: Final = 1000
"""What the API server takes of a message is 1,024 bytes."""


class Happening(Struct, frozen=True):
    """Something to be told about a deployment."""

    type: str  # Normal or Warning
    reason: str
    message: str


class Recorder:
    """Makes Events of what happens."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, tuple[int, str]] = OrderedDict()

    def event(self, owner: Mapping[str, Any], happening: Happening, now: str) -> dict[str, Any]:
        """The Event to be applied; ``now`` is the time of day."""
        metadata = owner["metadata"]
        message = happening.message.encode()[:_LONGEST].decode(errors="ignore")
        name = _name(metadata, happening, message)
        count, first = self._seen.pop(name, (0, now))
        self._seen[name] = (count + 1, first)
        if len(self._seen) > _MOST:
            self._seen.popitem(last=False)
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": metadata["namespace"]},
            "involvedObject": {
                "apiVersion": owner["apiVersion"],
                "kind": owner["kind"],
                "name": metadata["name"],
                "namespace": metadata["namespace"],
                "uid": metadata["uid"],
            },
            "type": happening.type,
            "reason": happening.reason,
            "message": message,
            "count": count + 1,
            "firstTimestamp": first,
            "lastTimestamp": now,
            "source": {"component": COMPONENT},
        }


def _name(metadata: Mapping[str, Any], happening: Happening, message: str) -> str:
    said = "\n".join((metadata["uid"], happening.type, happening.reason, message))
    return f"{metadata['name'][:200]}.{hashlib.blake2b(said.encode(), digest_size=8).hexdigest()}"
