"""Follows the objects of one kind: lists them, then hears of every change, and lists them anew where it missed one.

What is not in a new list is gone, though nobody has told: a connection may have been cut for long.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import structlog

from infergraph.kubernetes.operator.backoff import delay_s
from infergraph.kubernetes.operator.cluster import Cluster
from infergraph.kubernetes.operator.kinds import Kind, ref_of
from infergraph.kubernetes.operator.refusals import Absent, Refused, Unavailable
from infergraph.kubernetes.operator.store import Store

_ABSENT_KIND_S: Final = 30.0
_MOST_S: Final = 30.0
"""An operator that has not heard for long is wrong for long: it asks again earlier than somebody retries a write."""
_log = structlog.get_logger("infergraph.operator")


class Watch:
    """One kind in one namespace, or in all of them (the empty text)."""

    def __init__(
        self,
        cluster: Cluster,
        store: Store,
        kind: Kind,
        *,
        namespace: str = "",
        label: str = "",
        on_change: Callable[[dict[str, Any]], None],
    ) -> None:
        self._cluster, self._store, self._kind = cluster, store, kind
        self._namespace, self._label, self._on_change = namespace, label, on_change
        self.is_synced = asyncio.Event()
        """Set once the store knows all there is, or that there is no such kind."""
        self._failures = 0
        """How many there were since something was heard: one that breaks now and then is not one that never works."""

    async def follow(self) -> None:
        """Go on for ever."""
        while True:
            try:
                await self._once()
                self._failures = 0
            except Absent as error:
                _log.debug("watch ended", kind=self._kind.name, why=str(error))  # too old, or the kind is gone
                self._failures = 0
                await asyncio.sleep(0.1)
            except (Refused, Unavailable) as error:
                self._failures += 1
                wait_s = max(min(delay_s(self._failures), _MOST_S), getattr(error, "after_s", 0.0))
                _log.warning("cannot watch", kind=self._kind.name, why=str(error), again_in_s=round(wait_s, 1))
                await asyncio.sleep(wait_s)

    async def _once(self) -> None:
        version, since = await self._list()
        self.is_synced.set()
        if not version:
            await asyncio.sleep(_ABSENT_KIND_S)
            return
        async for what, one in self._cluster.watch(self._kind, version, self._namespace, self._label, since):
            self._failures = 0
            self._hear(what, one)

    async def _list(self) -> tuple[str, str]:
        """List in the first version that there is: the version, and from where on to watch."""
        for version in self._kind.versions:
            try:
                found, since = await self._cluster.list(self._kind, version, self._namespace, self._label)
            except Absent:
                continue
            self._cluster.found(self._kind, version)
            self._replace(found, f"{self._kind.group}/{version}".removeprefix("/"))
            return version, since
        self._cluster.found(self._kind, "")
        return "", ""

    def _replace(self, found: list[dict[str, Any]], api_version: str) -> None:
        for one in found:  # the items of a list of built-in kinds do not say what they are
            one.setdefault("kind", self._kind.name)
            one.setdefault("apiVersion", api_version)
        for one in (*self._store.replace(self._kind.name, found, self._namespace), *found):
            self._on_change(one)

    def _hear(self, what: str, one: dict[str, Any]) -> None:
        if what == "DELETED":
            self._store.drop(ref_of(one), str(one["metadata"].get("uid", "")))
            self._on_change(one)
        elif what in ("ADDED", "MODIFIED") and self._store.put(one):
            self._on_change(one)
