"""Elections in a real API server, between processes of which one is killed."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infergraph.kubernetes.leader import LeaderElection
from infergraph.kubernetes.lease import Timing, record_of
from tests.cluster.api_server import ApiServer, wait_until
from tests.cluster.clients import client_of
from tests.cluster.operators import ADMINISTRATOR

QUICK = Timing(lease_s=3, renew_deadline_s=2, retry_s=0.3)
ROOT = Path(__file__).parents[2]
LEASES = "/apis/coordination.k8s.io/v1/namespaces/models/leases"


@contextmanager
def candidate(server: ApiServer, lease: str, identity: str) -> Iterator[subprocess.Popen[bytes]]:
    arguments = [server.url, ADMINISTRATOR, lease, identity]
    process = subprocess.Popen([sys.executable, "-m", "tests.cluster.candidate", *arguments], cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def holder(server: ApiServer, lease: str) -> str:
    answer = server.call("GET", f"{LEASES}/{lease}")
    return record_of(answer.data).holder_identity if answer.status == 200 else ""


def test_the_other_one_takes_over_when_the_leader_is_killed(server: ApiServer) -> None:
    with candidate(server, "killed", "a") as first:
        wait_until(lambda: holder(server, "killed") == "a", "a leads")
        with candidate(server, "killed", "b"):
            time.sleep(1)
            assert holder(server, "killed") == "a"
            first.kill()
            wait_until(lambda: holder(server, "killed") == "b", "b leads")
            spec = server.call("GET", f"{LEASES}/killed").data["spec"]
            assert spec["leaseTransitions"] == 1


def test_a_leader_that_is_asked_to_stop_gives_the_lease_up(server: ApiServer) -> None:
    with candidate(server, "released", "a") as first:
        wait_until(lambda: holder(server, "released") == "a", "a leads")
        first.terminate()
        assert first.wait(timeout=30) == 0
        assert holder(server, "released") == ""


def test_of_many_that_begin_together_one_leads(server: ApiServer) -> None:
    async def main() -> None:
        leads: list[str] = []
        begun: asyncio.Queue[str] = asyncio.Queue()
        most = 0

        async def lead(identity: str) -> None:
            nonlocal most
            leads.append(identity)
            most = max(most, len(leads))
            begun.put_nowait(identity)
            try:
                await asyncio.Event().wait()
            finally:
                leads.remove(identity)

        async with client_of(server) as client:
            elections = [
                LeaderElection(client, name="many", namespace="models", identity=f"c{index}", timing=QUICK)
                for index in range(8)
            ]
            tasks = [asyncio.ensure_future(one.run(lambda one=one: lead(one.identity))) for one in elections]  # type: ignore[misc]
            for _ in range(len(tasks)):
                task = tasks[int((await begun.get())[1:])]
                task.cancel()
                await asyncio.wait([task])
            assert most == 1
            assert all(task.cancelled() for task in tasks)

    asyncio.run(main())


@pytest.mark.parametrize("verb", ["DELETE", "PATCH"])
def test_somebody_touches_the_lease(server: ApiServer, verb: str) -> None:
    with candidate(server, f"touched-{verb.lower()}", "a"):
        name = f"touched-{verb.lower()}"
        wait_until(lambda: holder(server, name) == "a", "a leads")
        body = {"metadata": {"labels": {"a": "b"}}}
        server.call(verb, f"{LEASES}/{name}", body if verb == "PATCH" else None, content="application/merge-patch+json")
        before = server.call("GET", f"{LEASES}/{name}").data.get("spec", {}).get("renewTime")
        wait_until(
            lambda: server.call("GET", f"{LEASES}/{name}").data.get("spec", {}).get("renewTime") not in (None, before),
            "a renews",
        )
        assert holder(server, name) == "a"
