"""Brings one deployment's objects to where they are to be: looks, plans, carries out, reports."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec
import structlog
from msgspec.structs import replace

from infergraph.declaration import SeldonDeployment
from infergraph.declaration.stored import inspect_object
from infergraph.errors import InferGraphError
from infergraph.kubernetes.objects import Credentials, Settings, objects
from infergraph.kubernetes.objects.settings import Apis, AutoscalingVersion, PolicyVersion
from infergraph.kubernetes.operator import status
from infergraph.kubernetes.operator.accounts import Accounts
from infergraph.kubernetes.operator.cluster import Cluster
from infergraph.kubernetes.operator.fingerprint import stamped
from infergraph.kubernetes.operator.kinds import Ref, ref_of
from infergraph.kubernetes.operator.owners import owner_reference
from infergraph.kubernetes.operator.plan import Change, Mark, Plan, plan
from infergraph.kubernetes.operator.recorder import Happening, Recorder
from infergraph.kubernetes.operator.refusals import Absent, Refused, Unavailable
from infergraph.kubernetes.operator.store import Live, Store, live_of
from infergraph.kubernetes.status import Status

_SHORT: Final[Mapping[str, str]] = {
    "HorizontalPodAutoscaler": "HPA",
    "PodDisruptionBudget": "PDB",
    "Mapping": "AmbassadorMapping",
}
_log = structlog.get_logger("infergraph.operator")


class Reconciler:
    """One look at a deployment after the other. ``now`` tells the time of day, as the API server writes it."""

    def __init__(self, cluster: Cluster, store: Store, settings: Settings, now: Callable[[], str]) -> None:
        self._cluster, self._store, self._settings, self._now = cluster, store, settings, now
        self._accounts = Accounts(cluster, settings)
        self._marks: dict[Ref, Mark] = {}
        self._recorder = Recorder()

    async def reconcile(self, ref: Ref) -> bool:
        """Look at a deployment once; True when there is more to do at once.

        :raises Refused: when something cannot be done until somebody changes something; the status says it.
        :raises Unavailable: when the API server could not do it now.
        """
        live = self._store.get(ref)
        if live is None or live.data["metadata"].get("deletionTimestamp"):
            return False  # what belongs to it goes with it
        owner = live.data
        deployment, problems = inspect_object(owner, servers=self._settings.known_servers)
        if deployment is None:
            await self._fail(owner, "\n".join(map(str, problems)))
            return False
        try:
            credentials = await self._accounts.credentials(deployment)
            desired = [stamped(one) for one in self._objects(deployment, owner, credentials)]
        except InferGraphError as error:
            await self._fail(owner, str(error))
            return False
        except Refused as error:  # a service account or its secret
            await self._fail(owner, str(error))
            raise
        return await self._carry_out(owner, deployment, desired)

    def _objects(
        self, deployment: SeldonDeployment, owner: Mapping[str, Any], credentials: Mapping[str, Credentials]
    ) -> Iterator[dict[str, Any]]:
        reference = owner_reference(owner)
        for one in objects(deployment, replace(self._settings, apis=self._apis()), credentials):
            yield {**one, "metadata": {**one["metadata"], "ownerReferences": [reference]}}

    def _apis(self) -> Apis:
        """The versions that the cluster has; where it has none, those of the settings say what is missing."""
        stated = self._settings.apis
        autoscaling, policy = map(self._cluster.version, ("HorizontalPodAutoscaler", "PodDisruptionBudget"))
        return Apis(
            autoscaling=AutoscalingVersion(autoscaling) if autoscaling else stated.autoscaling,
            policy=PolicyVersion(policy) if policy else stated.policy,
        )

    async def _carry_out(
        self, owner: Mapping[str, Any], deployment: SeldonDeployment, desired: list[dict[str, Any]]
    ) -> bool:
        possible = [one for one in desired if self._cluster.version(one["kind"])]
        todo = self._plan(owner, possible, await self._unheard_of(possible))
        problems = [*_absent(desired, self._cluster), *todo.problems]
        happened: list[Happening] = []
        for change in todo.apply:
            await self._apply(change, happened, problems)
        for ref in () if problems else todo.delete:
            await self._delete(ref, happened, problems)
        await self._report(owner, deployment, desired, problems, todo.waits)
        await self._tell(owner, happened, problems)
        if problems:
            raise Refused("\n".join(problems))
        return bool(todo.delete) or bool(todo.apply and not todo.held)

    async def _unheard_of(self, desired: list[dict[str, Any]]) -> dict[Ref, Live]:
        """What has a name of ours and no label of ours, and is in no watch therefore: it may be somebody else's."""
        found = {}
        for ref in map(ref_of, desired):
            if self._store.get(ref) is None:
                with contextlib.suppress(Absent):
                    found[ref] = live_of(await self._cluster.get(ref))
        return found

    def _plan(self, owner: Mapping[str, Any], desired: list[dict[str, Any]], unheard_of: dict[Ref, Live]) -> Plan:
        namespace, name = owner["metadata"]["namespace"], owner["metadata"]["name"]
        owned = self._store.owned(namespace, name)
        todo = plan(
            owner,
            desired,
            owned=owned,
            find=lambda ref: self._store.get(ref) or unheard_of.get(ref),
            marks=self._marks,
        )
        pending = {*(change.ref for change in todo.apply), *todo.held}
        for one in desired:
            if ref_of(one) not in pending:
                self._mark(ref_of(one))
        return todo

    def _mark(self, ref: Ref) -> None:
        if (live := self._store.get(ref)) is not None:
            self._marks[ref] = Mark(live.uid, live.fields)

    async def _apply(self, change: Change, happened: list[Happening], problems: list[str]) -> None:
        ref = change.ref
        try:
            self._store.put(await self._cluster.apply(change.desired, is_new=change.is_new))
        except (Refused, Absent) as error:
            problems.append(f"{ref.kind} {ref.name}: {error}")
            return
        self._mark(ref)
        verb, past = ("Create", "Created") if change.is_new else ("Update", "Updated")
        happened.append(Happening("Normal", f"{verb}{_short(ref)}", f"{past} {ref.kind} {ref.name}"))
        _log.info("applied", kind=ref.kind, name=ref.name, namespace=ref.namespace, is_new=change.is_new)

    async def _delete(self, ref: Ref, happened: list[Happening], problems: list[str]) -> None:
        try:
            await self._cluster.delete(ref)
        except Absent:
            pass
        except Refused as error:
            problems.append(f"{ref.kind} {ref.name}: {error}")
            return
        self._store.drop(ref)
        self._marks.pop(ref, None)
        happened.append(Happening("Normal", f"Delete{_short(ref)}", f"Deleted {ref.kind} {ref.name}"))
        _log.info("deleted", kind=ref.kind, name=ref.name, namespace=ref.namespace)

    async def _report(
        self,
        owner: Mapping[str, Any],
        deployment: SeldonDeployment,
        desired: list[dict[str, Any]],
        problems: list[str],
        waits: tuple[str, ...],
    ) -> None:
        owned = self._store.owned(deployment.namespace, deployment.name)
        found = status.status_of(deployment, desired, owned=owned, find=self._store.get, problems=problems, waits=waits)
        await self._write(owner, found)

    async def _fail(self, owner: Mapping[str, Any], why: str) -> None:
        """Nothing can be made of what is declared: what runs is left as it is."""
        before = _status(owner)
        await self._write(owner, status.failed(before, why, owner["metadata"].get("generation")))
        await self._tell(owner, [], [why])

    async def _write(self, owner: Mapping[str, Any], found: Status) -> None:
        before = owner.get("status") or {}
        after = status.written(found, before, self._now())
        patch = status.status_patch(before, {**after, "annotations": before.get("annotations", {})})
        if not patch:
            return
        try:
            self._store.put(await self._cluster.patch_status(ref_of(dict(owner)), patch))
        except Absent:
            return  # it was deleted meanwhile
        if found.state != before.get("state"):
            name, namespace = owner["metadata"]["name"], owner["metadata"]["namespace"]
            _log.info("state", name=name, namespace=namespace, state=found.state, why=found.description)

    async def _tell(self, owner: Mapping[str, Any], happened: list[Happening], problems: list[str]) -> None:
        """Events are a help to people: one that cannot be written stops nothing."""
        told = [*happened, *([Happening("Normal", "Updated", "Updated")] if happened and not problems else [])]
        if problems and "\n".join(problems) != (owner.get("status") or {}).get("description"):
            told.append(Happening("Warning", "InternalError", "\n".join(problems)))
        for one in told:
            try:
                await self._cluster.write_event(self._recorder.event(owner, one, self._now()))
            except (Absent, Refused, Unavailable) as error:
                _log.warning("cannot write an event", reason=one.reason, why=str(error))
                return

    def forget(self, ref: Ref) -> None:
        """A deployment is gone: so is all that was remembered of its objects."""
        for known in [one for one in self._marks if self._store.get(one) is None and one.namespace == ref.namespace]:
            del self._marks[known]


def _status(owner: Mapping[str, Any]) -> Status:
    """The status as it stands, as far as it can be read: any release may have written it."""
    try:
        return msgspec.convert(owner.get("status") or {}, Status)
    except msgspec.ValidationError:
        return Status()


def _absent(desired: list[dict[str, Any]], cluster: Cluster) -> list[str]:
    kinds = {(one["apiVersion"], one["kind"]) for one in desired if not cluster.version(one["kind"])}
    return [
        f"the cluster has no {kind} ({api}): install what brings it, or switch it off in the operator's settings"
        for api, kind in sorted(kinds)
    ]


def _short(ref: Ref) -> str:
    return _SHORT.get(ref.kind, ref.kind)
