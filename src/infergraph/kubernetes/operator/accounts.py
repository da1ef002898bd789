"""What the service accounts of deployments have secrets for, asked of the cluster once in a while."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from infergraph.declaration import SeldonDeployment
from infergraph.kubernetes.kinds import SECRET, SERVICE_ACCOUNT
from infergraph.kubernetes.objects import Credentials, Settings, accounts_needed, credentials_of
from infergraph.kubernetes.objects.credentials import NONE, secrets_of
from infergraph.kubernetes.operator.cluster import Cluster
from infergraph.kubernetes.operator.refusals import Absent

KEPT_S: Final = 60.0
"""How long an answer is taken for true: many deployments have the same account, and nobody tells of its changes."""


class Accounts:
    """The service accounts of a cluster. Of secrets nothing is kept but what refers to them."""

    def __init__(self, cluster: Cluster, settings: Settings, time_s: Callable[[], float] = time.monotonic) -> None:
        self._cluster, self._settings, self._time_s = cluster, settings.credentials, time_s
        self._kept: dict[tuple[str, str], tuple[float, Credentials]] = {}

    async def credentials(self, deployment: SeldonDeployment) -> Mapping[str, Credentials]:
        """What the accounts of a deployment have, by their names; those that are not there have nothing.

        :raises Refused, Unavailable: when the cluster does not say.
        """
        if not self._settings.service_accounts:
            return NONE
        namespace = deployment.namespace
        found = {name: await self._of(namespace, name) for name in accounts_needed(deployment)}
        return {name: one for name, one in found.items() if one != Credentials()}

    async def _of(self, namespace: str, name: str) -> Credentials:
        now_s = self._time_s()
        until_s, found = self._kept.get((namespace, name), (now_s, Credentials()))
        if until_s > now_s:
            return found
        self._kept = dict(self._still_true(now_s))
        account = await self._get(SERVICE_ACCOUNT, namespace, name)
        secrets = [await self._get(SECRET, namespace, one) for one in secrets_of(account or {})]
        found = credentials_of((one for one in secrets if one is not None), self._settings)
        self._kept[namespace, name] = (now_s + KEPT_S, found)
        return found

    def _still_true(self, now_s: float) -> Iterator[tuple[tuple[str, str], tuple[float, Credentials]]]:
        return ((key, one) for key, one in self._kept.items() if one[0] > now_s)

    async def _get(self, kind: Any, namespace: str, name: str) -> dict[str, Any] | None:
        try:
            return await self._cluster.read(kind, namespace, name)
        except Absent:
            return None
