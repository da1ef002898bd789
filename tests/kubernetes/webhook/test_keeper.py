"""Replicas that share a Secret, over months of virtual time."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from infergraph.errors import SetupError
from infergraph.kubernetes.webhook.certificates import KeyPair
from infergraph.kubernetes.webhook.configuration import webhook_configuration
from infergraph.kubernetes.webhook.keeper import CertificateKeeper, Place
from infergraph.kubernetes.webhook.rotation import Schedule
from tests import virtual_time
from tests.kubernetes.api_errors import refusal
from tests.kubernetes.memory_api import MemoryApi

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PLACE = Place(namespace="system", secret="certificates", configuration="hooks", names=("hook.system.svc",))
# Months in virtual time are many looks; hours do as well.
SCHEDULE = Schedule(lifetime=timedelta(hours=3), renew_before=timedelta(hours=1), announce=timedelta(minutes=2))


def now() -> datetime:
    return START + timedelta(seconds=asyncio.get_running_loop().time())


def api() -> MemoryApi:
    found = MemoryApi()
    found.put(webhook_configuration("hooks", {"url": "https://127.0.0.1/"}))
    return found


def bundle(found: MemoryApi) -> str:
    (hook,) = found.objects["ValidatingWebhookConfiguration", "hooks"]["webhooks"]
    return base64.b64decode(hook["clientConfig"]["caBundle"]).decode()


class Replica:
    """Notes what serves, and that it was trusted when it began to."""

    def __init__(self, found: MemoryApi) -> None:
        self.api = found
        self.used: list[KeyPair] = []
        self.expiries: list[float] = []
        self.keeper = CertificateKeeper(
            found, PLACE, use=self._use, schedule=SCHEDULE, on_expiry=self.expiries.append, now=now
        )

    def _use(self, pair: KeyPair) -> None:
        assert pair.authority in bundle(self.api)
        assert pair.not_after() > now()
        self.used.append(pair)

    def check(self) -> None:
        """What serves now would be trusted and valid if somebody called."""
        assert self.used[-1].authority in bundle(self.api)
        assert self.used[-1].not_after() > now()

    async def run(self) -> None:
        await self.keeper.begin()
        await self.keeper.run()


async def ended(*tasks: "asyncio.Task[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert all(task.cancelled() for task in tasks)


def test_the_first_one_makes_a_certificate() -> None:
    async def main() -> None:
        replica = Replica(api())
        await replica.keeper.begin()
        (pair,) = replica.used
        assert pair.fault(PLACE.names) == ""
        assert bundle(replica.api) == pair.authority
        assert replica.expiries == [pair.not_after().timestamp()]

    virtual_time.run(main())


def test_replicas_that_start_together_share_one() -> None:
    async def main() -> None:
        found = api()
        replicas = [Replica(found) for _ in range(5)]
        await asyncio.gather(*(replica.keeper.begin() for replica in replicas))
        assert {replica.used[-1].certificate for replica in replicas} == {replicas[0].used[0].certificate}
        assert [verb for verb, _ in found.calls].count("create") > 1  # they did race

    virtual_time.run(main())


def test_renewal_without_a_moment_in_which_nobody_is_trusted() -> None:
    async def main() -> None:
        found = api()
        replicas = [Replica(found) for _ in range(3)]
        tasks = [asyncio.ensure_future(replica.run()) for replica in replicas]
        for _ in range(24 * 60):
            await asyncio.sleep(60)
            for replica in replicas:
                replica.check()
        counts = {len(replica.used) for replica in replicas}
        assert counts <= {11, 12, 13}
        assert bundle(found).count("BEGIN") <= 3
        await ended(*tasks)

    virtual_time.run(main())


def test_a_replica_that_was_away_for_long_joins_the_others() -> None:
    async def main() -> None:
        found = api()
        first = Replica(found)
        task = asyncio.ensure_future(first.run())
        await asyncio.sleep(5 * 3600)
        late = Replica(found)
        await late.keeper.begin()
        assert late.used == [first.used[-1]]
        await ended(task)

    virtual_time.run(main())


def test_nothing_is_written_when_nothing_changes() -> None:
    async def main() -> None:
        found = api()
        task = asyncio.ensure_future(Replica(found).run())
        await asyncio.sleep(60)
        found.calls.clear()
        await asyncio.sleep(3600)
        assert {verb for verb, _ in found.calls} == {"get"}
        await ended(task)

    virtual_time.run(main())


def test_a_bundle_that_somebody_took_away_comes_back() -> None:
    async def main() -> None:
        found = api()
        replica = Replica(found)
        task = asyncio.ensure_future(replica.run())
        await asyncio.sleep(60)
        found.put(webhook_configuration("hooks", {"url": "https://127.0.0.1/"}))
        await asyncio.sleep(80)
        replica.check()
        del found.objects["Secret", "certificates"]
        await asyncio.sleep(80)
        replica.check()
        assert len(replica.used) == 2
        await ended(task)

    virtual_time.run(main())


@pytest.mark.parametrize("error", [refusal(500), refusal(403), httpx2.ConnectError("nobody there")])
def test_an_api_server_in_trouble_is_asked_again(error: Exception) -> None:
    async def main() -> None:
        found = api()

        def fail(_: str) -> None:
            raise error

        found.before = fail
        replica = Replica(found)
        task = asyncio.ensure_future(replica.run())
        await asyncio.sleep(60)
        assert replica.used == []
        found.before = lambda _: None
        await asyncio.sleep(10)
        assert len(replica.used) == 1
        found.before = fail
        await asyncio.sleep(3600)
        found.before = lambda _: None
        await asyncio.sleep(2 * 3600)
        replica.check()
        await ended(task)

    virtual_time.run(main())


def test_without_a_configuration_it_says_what_is_missing() -> None:
    async def main() -> None:
        found = MemoryApi()
        replica = Replica(found)
        with pytest.raises(SetupError, match="there is no ValidatingWebhookConfiguration hooks"):
            await replica.keeper.look()
        found.put(webhook_configuration("hooks", {"url": "https://127.0.0.1/"}))
        await replica.keeper.look()
        assert len(replica.used) == 1

    virtual_time.run(main())


def test_a_secret_that_is_written_all_the_time() -> None:
    async def main() -> None:
        found = api()
        found.put({"kind": "Secret", "metadata": {"name": "certificates"}, "data": {}})

        def disturb(verb: str) -> None:
            if verb == "replace":
                found.put({"kind": "Secret", "metadata": {"name": "certificates"}, "data": {}})

        found.before = disturb
        with pytest.raises(SetupError, match="changes each time that it is written"):
            await Replica(found).keeper.look()

    virtual_time.run(main())
