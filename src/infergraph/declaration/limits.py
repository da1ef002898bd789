"""How large a document may be: counted while it is parsed, before anything is built of it."""

from collections.abc import Iterable
from typing import Any, Final

import yaml

from infergraph.declaration.unreadable import MAX_DEPTH, TOO_DEEP, Unreadable

MAX_BYTES: Final = 3 * 1024 * 1024 // 2
"""1.5 MiB: the most that Kubernetes can store in one object."""
MAX_NODES: Final = 100_000
"""Counted after the aliases are expanded, so that a few lines cannot stand for billions."""


def check_limits(events: Iterable[Any]) -> None:
    """Follow the parser's events to their end.

    :raises Unreadable: at the first event that passes a limit, or at an alias that leads nowhere or to itself.
    """
    count = _Count()
    for event in events:
        count.add(event)


class _Count:
    def __init__(self) -> None:
        self._nodes = 0
        self._open: list[tuple[str | None, int]] = []  # anchor, and the count before it
        self._anchors: dict[str, int] = {}  # anchor, and how many nodes it stands for

    def add(self, event: Any) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._anchors.clear()
            case yaml.AliasEvent():
                self._more(self._size(event), event)
            case yaml.ScalarEvent():
                self._more(1, event)
                self._close(event.anchor, 1)
            case yaml.CollectionStartEvent():
                self._open_collection(event)
            case yaml.CollectionEndEvent():
                anchor, before = self._open.pop()
                self._close(anchor, self._nodes - before)

    def _open_collection(self, event: Any) -> None:
        self._open.append((event.anchor, self._nodes))
        self._more(1, event)
        if len(self._open) > MAX_DEPTH:
            raise Unreadable.at(event.start_mark, TOO_DEEP)

    def _close(self, anchor: str | None, size: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = size

    def _more(self, size: int, event: Any) -> None:
        self._nodes += size
        if self._nodes > MAX_NODES:
            raise Unreadable.at(
                event.start_mark, f"with its aliases expanded, the document has over {MAX_NODES:,} nodes"
            )

    def _size(self, event: Any) -> int:
        name = event.anchor
        if any(name == anchor for anchor, _ in self._open):
            raise Unreadable.at(event.start_mark, f"the alias *{name} stands inside what it refers to; it has no end")
        if name not in self._anchors:
            raise Unreadable.at(event.start_mark, f"the alias *{name} refers to nothing: there is no &{name} above it")
        return self._anchors[name]
