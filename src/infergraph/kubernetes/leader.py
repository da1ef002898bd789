"""One of several: whoever holds the Lease leads, until it cannot renew it any more.

The rules are those of client-go's leader election: a candidate takes a lease that nobody has renewed for as long as it
lasts, measured from when the candidate itself saw the last renewal; a leader that could not renew for
``renew_deadline_s`` stops at once, while the others still wait. So two never lead at the same time, however the clocks
of their machines differ, as long as they go equally fast.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

import structlog
from msgspec.structs import replace

from infergraph.errors import SetupError
from infergraph.kubernetes.calls import TROUBLE, Calls, read, told, written
from infergraph.kubernetes.kinds import LEASE
from infergraph.kubernetes.lease import LeaseRecord, Move, Observation, Timing, lease_object
from infergraph.kubernetes.wall_clock import utc_now

log = structlog.get_logger(__name__)

_RELEASED_S: Final = 1
"""How long a released lease lasts, for candidates that do not look at the holder."""


class LeadershipLost(SetupError):
    """Raised when a leader could not renew its lease in time: what it led has been stopped, another one may lead."""


class LeaderElection:
    """A candidate called ``identity`` for the lease ``namespace/name``.

    ``on_change`` is told whether this candidate leads, each time that this changes.
    """

    def __init__(
        self,
        client: Calls,
        *,
        name: str,
        namespace: str,
        identity: str,
        timing: Timing | None = None,
        on_change: Callable[[bool], None] = lambda _: None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._client = client
        self._name, self._namespace, self.identity = name, namespace, identity
        self._timing = timing or Timing()
        self._on_change = on_change
        self._now = now
        self._seen = Observation()
        self._lease: dict[str, Any] | None = None  # as we wrote it last
        self.is_leader = False

    async def run(self, lead: Callable[[], Awaitable[None]]) -> None:
        """Wait to become the leader, then lead until ``lead`` ends or this is cancelled; the lease is released then.

        :raises LeadershipLost: when the lease could not be renewed in time; ``lead`` has been cancelled by then.
        """
        renewed_at_s = await self._acquired()
        task = asyncio.ensure_future(lead())
        try:
            self._become(is_leader=True)
            await self._renew_while(task, renewed_at_s)
        finally:
            await self._stop(task)
        task.result()  # what it raised is raised here

    async def _stop(self, task: "asyncio.Future[None]") -> None:
        """Cancel what is led, before the lease can end; without an end of it the lease is not given to another one."""
        task.cancel()
        await asyncio.wait([task], timeout=self._timing.lease_s - self._timing.renew_deadline_s)
        self._become(is_leader=False)
        if task.done():
            await self._release()
        else:
            log.error("what was led does not stop: this process has to end", identity=self.identity)

    async def _acquired(self) -> float:
        """Try until the lease is ours. When the successful attempt began, by the event loop's clock."""
        log.info("waiting to lead", lease=f"{self._namespace}/{self._name}", identity=self.identity)
        while True:
            began_s = _time_s()
            if await self._attempted(within_s=self._timing.renew_deadline_s):
                return began_s
            await asyncio.sleep(self._timing.retry_s)

    async def _renew_while(self, task: "asyncio.Future[None]", renewed_at_s: float) -> None:
        while not task.done():
            left_s = renewed_at_s + self._timing.renew_deadline_s - _time_s()
            if left_s <= 0:
                raise self._lost(f"it could not be renewed for {self._timing.renew_deadline_s:g} s")
            await asyncio.wait([task], timeout=min(self._timing.retry_s, left_s))
            began_s = _time_s()
            left_s = renewed_at_s + self._timing.renew_deadline_s - began_s
            if not task.done() and left_s > 0 and await self._attempted(within_s=left_s):
                renewed_at_s = began_s

    def _lost(self, why: str) -> LeadershipLost:
        return LeadershipLost(f"{self.identity} does not hold the lease {self._namespace}/{self._name} any more: {why}")

    async def _attempted(self, *, within_s: float) -> bool:
        """Whether the lease is ours now. What the API server cannot do at the moment is tried again.

        :raises LeadershipLost: when this process led, and somebody else holds the lease.
        """
        try:
            # A call that hangs must leave time for another one.
            async with asyncio.timeout(min(within_s, self._timing.renew_deadline_s / 2)):
                return await self._tried()
        except TimeoutError:
            log.warning("the API server did not answer about the lease in time", lease=self._name)
        except TROUBLE as error:
            log.warning("the lease could not be read or written", lease=self._name, error=told(error))
        return False

    async def _tried(self) -> bool:
        lease = (self._lease if self.is_leader else None) or await read(
            self._client, LEASE, self._name, namespace=self._namespace
        )
        if lease is None:
            return await self._written(self._record(LeaseRecord(), is_new=True), version="")
        record = self._seen.see(lease, _time_s())
        move = self._seen.move(self.identity, _time_s())
        if move is Move.WAIT or (self.is_leader and move is Move.TAKE):
            if self.is_leader:
                raise self._lost(f"{record.holder_identity or 'nobody'} holds it")
            return False
        version = lease["metadata"]["resourceVersion"]
        return await self._written(self._record(record, is_new=move is Move.TAKE), version=version)

    async def _written(self, record: LeaseRecord, *, version: str) -> bool:
        """Write a record over that version, or as a new lease; False when somebody else has written meanwhile."""
        lease = LEASE.from_dict(lease_object(self._name, self._namespace, record, version=version))
        # None: it is not as we have it, and is read before the next attempt.
        self._lease = await written(self._client, lease, is_new=not version, namespace=self._namespace)
        return self._lease is not None

    def _record(self, before: LeaseRecord, *, is_new: bool) -> LeaseRecord:
        now = self._now().isoformat(timespec="microseconds").replace("+00:00", "Z")
        changes = before.lease_transitions + (1 if is_new and before.holder_identity else 0)
        return LeaseRecord(
            holder_identity=self.identity,
            lease_duration_seconds=max(1, round(self._timing.lease_s)),
            acquire_time=now if is_new else before.acquire_time,
            renew_time=now,
            lease_transitions=changes,
        )

    async def _release(self) -> None:
        """Give the lease up, so that the next one need not wait for its end; only the version that we wrote."""
        if self._lease is None:
            return
        record = self._seen.see(self._lease, _time_s())
        released = replace(record, holder_identity="", lease_duration_seconds=_RELEASED_S)
        version = self._lease["metadata"]["resourceVersion"]
        self._lease = None
        try:
            async with asyncio.timeout(self._timing.retry_s):
                await self._written(released, version=version)
        except TROUBLE as error:
            log.warning("the lease could not be released: it ends by itself", lease=self._name, error=told(error))

    def _become(self, *, is_leader: bool) -> None:
        if self.is_leader != is_leader:
            self.is_leader = is_leader
            log.info("leading" if is_leader else "leading no more", identity=self.identity)
            self._on_change(is_leader)


def _time_s() -> float:
    return asyncio.get_running_loop().time()
