"""Ports that a container names twice, as Seldon Core v1 made them.

An API server can hold such an object, but applies nothing to it: the second one has to go first.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

SAID: Final = "duplicate entries for key"
"""How an API server says that it met one."""


def removals(live: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A JSON patch (RFC 6902) that takes every port away that stands there already; empty where none does."""
    pod = live["spec"].get("template", {}).get("spec", {})
    return [
        {"op": "remove", "path": f"/spec/template/spec/{group}/{place}/ports/{index}"}
        for group in ("containers", "initContainers")
        for place, container in enumerate(pod.get(group) or ())
        for index in reversed(list(_repeated(container.get("ports") or ())))
    ]


def _repeated(ports: Any) -> Iterator[int]:
    seen = set()
    for index, port in enumerate(ports):
        key = (port.get("containerPort"), port.get("protocol", "TCP"))
        if key in seen:
            yield index
        seen.add(key)
