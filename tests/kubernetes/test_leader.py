"""Elections over minutes, in virtual time; tests/cluster/test_leader.py holds them in a real API server."""

import asyncio
from typing import Any

import httpx2
import pytest

from infergraph.kubernetes.leader import LeaderElection, LeadershipLost
from infergraph.kubernetes.lease import LeaseRecord, lease_object, record_of
from tests import virtual_time
from tests.kubernetes.api_errors import refusal
from tests.kubernetes.memory_api import MemoryApi


class Candidate:
    """Notes in ``log`` when it leads and when it stops; ``log`` may be shared."""

    def __init__(self, api: MemoryApi, identity: str, log: list[tuple[float, str]] | None = None) -> None:
        self.log = [] if log is None else log
        self.changes: list[bool] = []
        self.election = LeaderElection(api, name="l", namespace="n", identity=identity, on_change=self.changes.append)

    async def run(self) -> None:
        await self.election.run(self.lead)

    async def lead(self) -> None:
        self._note("leads")
        try:
            await asyncio.Event().wait()
        finally:
            self._note("stopped")

    def _note(self, what: str) -> None:
        self.log.append((asyncio.get_running_loop().time(), f"{self.election.identity} {what}"))


async def ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def record(api: MemoryApi) -> LeaseRecord:
    return record_of(api.objects["Lease", "l"])


def test_one_leads_and_the_other_waits() -> None:
    async def main() -> None:
        api = MemoryApi()
        log: list[tuple[float, str]] = []
        tasks = [asyncio.ensure_future(Candidate(api, name, log).run()) for name in ("a", "b")]
        await asyncio.sleep(3600)
        assert log == [(0.0, "a leads")]
        assert record(api).holder_identity == "a"
        for task in tasks:
            await ended(task)

    virtual_time.run(main())


def test_who_is_asked_to_stop_gives_the_lease_up() -> None:
    async def main() -> None:
        api = MemoryApi()
        one, other = Candidate(api, "a"), Candidate(api, "b")
        first = asyncio.ensure_future(one.run())
        await asyncio.sleep(1)
        second = asyncio.ensure_future(other.run())
        await asyncio.sleep(10)
        await ended(first)
        assert one.changes == [True, False]
        assert record(api).holder_identity == ""
        await asyncio.sleep(2.1)
        assert other.election.is_leader
        assert record(api).lease_transitions == 0  # it was free
        await ended(second)

    virtual_time.run(main())


def test_who_vanishes_is_followed_when_the_lease_has_ended() -> None:
    async def main() -> None:
        api = MemoryApi()
        gone = LeaseRecord(holder_identity="gone", lease_duration_seconds=15)
        api.put(lease_object("l", "n", gone))
        candidate = Candidate(api, "b")
        task = asyncio.ensure_future(candidate.run())
        await asyncio.sleep(14.9)
        assert candidate.log == []
        await asyncio.sleep(2.2)
        assert candidate.log == [(16.0, "b leads")]
        assert record(api).lease_transitions == 1
        await ended(task)

    virtual_time.run(main())


@pytest.mark.parametrize("trouble", ["hangs", "refuses", "is away"])
def test_a_leader_that_cannot_renew_stops_before_another_one_may_lead(trouble: str) -> None:
    async def main() -> None:
        api = MemoryApi()
        candidate = Candidate(api, "a")
        task = asyncio.ensure_future(candidate.run())
        await asyncio.sleep(60)
        last = record(api).renew_time
        begin(api)
        with pytest.raises(
            LeadershipLost, match="a does not hold the lease n/l any more: it could not be renewed for 10 s"
        ):
            await task
        (_, _), (stopped_at, what) = candidate.log
        assert what == "a stopped"
        assert 68 <= stopped_at - 0 <= 70  # the last renewal was at 58 or at 60
        assert record(api).renew_time == last
        assert candidate.changes == [True, False]

    def begin(api: MemoryApi) -> None:
        if trouble == "hangs":
            api.hangs = True
        else:
            error = refusal(500) if trouble == "refuses" else httpx2.ConnectError("nobody there")

            def fail(_: str) -> None:
                raise error

            api.before = fail

    virtual_time.run(main())


def test_short_trouble_changes_nothing() -> None:
    async def main() -> None:
        api = MemoryApi()
        candidate = Candidate(api, "a")
        task = asyncio.ensure_future(candidate.run())
        for _ in range(10):
            await asyncio.sleep(20)
            api.hangs = True
            await asyncio.sleep(6)
            api.hangs = False
        assert candidate.changes == [True]
        await ended(task)

    virtual_time.run(main())


def test_a_lease_that_somebody_took_is_lost_at_once() -> None:
    async def main() -> None:
        api = MemoryApi()
        candidate = Candidate(api, "a")
        task = asyncio.ensure_future(candidate.run())
        await asyncio.sleep(60)
        api.put(lease_object("l", "n", LeaseRecord(holder_identity="thief", lease_duration_seconds=15)))
        with pytest.raises(LeadershipLost, match="thief holds it"):
            await task
        assert candidate.log[-1][0] <= 65
        assert record(api).holder_identity == "thief"

    virtual_time.run(main())


def test_a_change_of_the_lease_by_others_is_no_trouble_to_its_holder() -> None:
    async def main() -> None:
        api = MemoryApi()
        candidate = Candidate(api, "a")
        task = asyncio.ensure_future(candidate.run())
        await asyncio.sleep(60)
        api.put({**api.objects["Lease", "l"], "metadata": {"name": "l", "namespace": "n", "labels": {"a": "b"}}})
        await asyncio.sleep(60)
        del api.objects["Lease", "l"]
        await asyncio.sleep(60)
        assert candidate.changes == [True]
        assert record(api).holder_identity == "a"
        await ended(task)

    virtual_time.run(main())


def test_what_is_led_may_end_or_fail_by_itself() -> None:
    async def main(lead: Any) -> MemoryApi:
        api = MemoryApi()
        await LeaderElection(api, name="l", namespace="n", identity="a").run(lead)
        assert record(api).holder_identity == ""
        return api

    async def ends() -> None:
        await asyncio.sleep(30)

    async def fails() -> None:
        raise KeyError("why")

    virtual_time.run(main(ends))
    with pytest.raises(KeyError, match="why"):
        virtual_time.run(main(fails))


def test_what_does_not_stop_keeps_the_lease_from_others() -> None:
    async def main() -> None:
        api = MemoryApi()
        held = asyncio.Event()

        async def deaf() -> None:
            while not held.is_set():
                try:
                    await held.wait()
                except asyncio.CancelledError:
                    continue

        task = asyncio.ensure_future(LeaderElection(api, name="l", namespace="n", identity="a").run(deaf))
        await asyncio.sleep(60)
        await ended(task)
        assert asyncio.get_running_loop().time() <= 65.1
        assert record(api).holder_identity == "a"
        held.set()

    virtual_time.run(main())


def test_a_leader_renews_with_one_call() -> None:
    async def main() -> None:
        api = MemoryApi()
        task = asyncio.ensure_future(Candidate(api, "a").run())
        await asyncio.sleep(101)
        assert [verb for verb, _ in api.calls[:2]] == ["get", "create"]
        assert {verb for verb, _ in api.calls[2:]} == {"replace"}
        assert 45 <= len(api.calls) <= 55
        await ended(task)

    virtual_time.run(main())
