import asyncio
from typing import Any

from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.objects.settings import settings_of
from infergraph.kubernetes.operator.accounts import KEPT_S, Accounts
from infergraph.kubernetes.operator.refusals import Absent
from tests.declaration.samples import deployment

IRIS = "{predictors: [{name: p, graph: {name: m, implementation: SKLEARN_SERVER, modelUri: 's3://a/b'}}]}"
ACCOUNT = {"metadata": {"name": "default"}, "secrets": [{"name": "gone"}, {"name": "minio"}]}
SECRET = {"metadata": {"name": "minio"}, "data": {"awsAccessKeyID": "", "awsSecretAccessKey": ""}}


class Cluster:
    """What is there, by kind and name; and what has been asked for."""

    def __init__(self, **there: Any) -> None:
        self.there, self.asked = there, list[str]()

    async def read(self, kind: Any, namespace: str, name: str) -> dict[str, Any]:
        self.asked.append(f"{kind.__name__} {namespace}/{name}")
        if name not in self.there:
            raise Absent(name)
        found: dict[str, Any] = self.there[name]
        return found


def found_of(cluster: Any, settings: Settings | None = None, times: tuple[float, ...] = (0.0,)) -> list[list[str]]:
    """The accounts that have something, at each of these times."""
    clock = iter(times)
    accounts = Accounts(cluster, settings or Settings(), lambda: next(clock))

    async def asked() -> list[list[str]]:
        return [sorted(await accounts.credentials(deployment(IRIS))) for _ in times]

    return asyncio.run(asked())


def test_an_accounts_secrets_are_read_and_one_that_is_gone_is_none() -> None:
    cluster = Cluster(default=ACCOUNT, minio=SECRET)
    assert found_of(cluster) == [["default"]]
    assert len(cluster.asked) == 3


def test_they_are_asked_for_once_in_a_while() -> None:
    cluster = Cluster(default=ACCOUNT, minio=SECRET)
    assert found_of(cluster, times=(0.0, KEPT_S - 1)) == [["default"], ["default"]]
    assert len(cluster.asked) == 3
    found_of(cluster, times=(0.0, KEPT_S + 1))
    assert len(cluster.asked) == 9


def test_an_account_without_secrets_or_none_at_all_has_nothing() -> None:
    assert found_of(Cluster(default={"metadata": {"name": "default"}})) == [[]]
    assert found_of(Cluster()) == [[]]


def test_nothing_is_asked_for_where_the_settings_say_so() -> None:
    cluster = Cluster(default=ACCOUNT, minio=SECRET)
    assert found_of(cluster, settings_of({"credentials": {"serviceAccounts": False}})) == [[]]
    assert cluster.asked == []
