"""The operator as a whole: watches fill the store and the queue, workers empty it."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import structlog
from msgspec import Struct

from infergraph.declaration import KIND
from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.objects.labels import ID
from infergraph.kubernetes.operator.cluster import Cluster
from infergraph.kubernetes.operator.kinds import DEPLOYMENTS, NAMESPACES, Ref, owned_kinds
from infergraph.kubernetes.operator.meter import OperatorMeter
from infergraph.kubernetes.operator.owners import CONTROLLER_ID, owner_name
from infergraph.kubernetes.operator.queue import WorkQueue
from infergraph.kubernetes.operator.reconcile import Reconciler
from infergraph.kubernetes.operator.refusals import Absent, Refused, Unavailable
from infergraph.kubernetes.operator.store import Store
from infergraph.kubernetes.operator.watch import Watch
from infergraph.kubernetes.wall_clock import stamp_now

_UNEXPECTED_S: Final = 5.0
_log = structlog.get_logger("infergraph.operator")


class Scope(Struct, frozen=True, kw_only=True):
    """Which deployments are ours (SELDON_V1 §2.9): of some namespaces, or of all, and of one controller id."""

    namespaces: tuple[str, ...] = ()
    controller_id: str = ""


class Operator:
    """One cluster's deployments. ``watch`` may run in any number of processes at a time, ``work`` only in one."""

    def __init__(
        self,
        cluster: Cluster,
        settings: Settings,
        *,
        scope: Scope,
        workers: int = 8,
        meter: OperatorMeter | None = None,
    ) -> None:
        self.store = Store()
        self.queue: WorkQueue[Ref] = WorkQueue()
        self._scope, self._workers = scope, workers
        self._reconciler = Reconciler(cluster, self.store, settings, stamp_now)
        self._watches = list(self._all_watches(cluster, settings))
        self._meter = meter or OperatorMeter()
        self._meter.watch(queue_depth=lambda: len(self.queue), states=self.states)
        self.is_working = False

    @property
    def is_synced(self) -> bool:
        """Whether all there is is known."""
        return all(watch.is_synced.is_set() for watch in self._watches)

    async def watch(self) -> None:
        """Follow what happens, for ever."""
        async with asyncio.TaskGroup() as tasks:
            for watch in self._watches:
                tasks.create_task(watch.follow())

    async def work(self) -> None:
        """Reconcile what is due until ``stop`` is called; nothing before all there is is known."""
        for watch in self._watches:
            await watch.is_synced.wait()
        self.is_working = True
        _log.info("working", deployments=sum(1 for _ in self.store.refs(KIND)), objects=len(self.store))
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._workers):
                tasks.create_task(self._worker())

    def states(self) -> Counter[str]:
        """How many deployments there are of each state."""
        live = filter(None, map(self.store.get, self.store.refs(KIND)))
        return Counter((one.data.get("status") or {}).get("state") or "none" for one in live)

    def stop(self) -> None:
        """Begin nothing new; ``work`` ends when what has begun is done."""
        self.queue.close()

    async def _worker(self) -> None:
        while (ref := await self.queue.get()) is not None:
            with self._meter.look() as look:
                look.result = await self._look(ref)

    async def _look(self, ref: Ref) -> str:
        """Look at a deployment, and say how that ended (docs/metrics.md)."""
        log = _log.bind(name=ref.name, namespace=ref.namespace)
        try:
            is_more = await self._reconciler.reconcile(ref) if self._is_ours(ref) else False
        except (Unavailable, Refused, Absent) as error:
            wait_s = self.queue.failed(ref, least_s=getattr(error, "after_s", 0.0))
            log.warning("to be tried again", why=str(error), again_in_s=round(wait_s, 1))
            return "later" if isinstance(error, Unavailable) else "refused"
        except Exception:  # one deployment that nobody thought of must not stop the others
            wait_s = self.queue.failed(ref, least_s=_UNEXPECTED_S)
            log.exception("an error of the operator", again_in_s=round(wait_s, 1))
            return "error"
        self.queue.done(ref)
        if is_more:
            self.queue.add(ref)
            return "again"
        if self.store.get(ref) is None:
            self._reconciler.forget(ref)
        return "done"

    def _is_ours(self, ref: Ref) -> bool:
        live = self.store.get(ref)
        if live is None:
            return True
        stated = (live.data["metadata"].get("labels") or {}).get(CONTROLLER_ID, "")
        has_another = self.store.get(Ref(NAMESPACES.name, "", ref.namespace)) is not None
        return stated == self._scope.controller_id and not has_another

    def _all_watches(self, cluster: Cluster, settings: Settings) -> Sequence[Watch]:
        places = self._scope.namespaces or ("",)
        found = []
        for place in places:
            found.append(Watch(cluster, self.store, DEPLOYMENTS, namespace=place, on_change=self._on_deployment))
            found += [
                Watch(cluster, self.store, kind, namespace=place, label=ID, on_change=self._on_owned)
                for kind in owned_kinds(settings)
            ]
        if not self._scope.namespaces:  # a namespace with this label has an operator of its own
            found.append(Watch(cluster, self.store, NAMESPACES, label=CONTROLLER_ID, on_change=self._on_namespace))
        return found

    def _on_deployment(self, one: dict[str, Any]) -> None:
        self.queue.add(Ref(KIND, one["metadata"]["namespace"], one["metadata"]["name"]))

    def _on_owned(self, one: dict[str, Any]) -> None:
        name = owner_name(one) or (one["metadata"].get("labels") or {}).get(ID)
        if name is not None:
            ref = Ref(KIND, one["metadata"]["namespace"], name)
            if self.store.get(ref) is not None:
                self.queue.add(ref)

    def _on_namespace(self, one: dict[str, Any]) -> None:
        for ref in self.store.refs(KIND):
            if ref.namespace == one["metadata"]["name"]:
                self.queue.add(ref)
