"""Calls of the API server: the few that the operator needs, over one client with a limited number at a time."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Final

import httpx2
from lightkube import AsyncClient, KubeConfig
from lightkube.config.client_adapter import verify_cluster
from lightkube.core.exceptions import ConfigError
from lightkube.generic_resource import create_global_resource, create_namespaced_resource
from lightkube.types import CascadeType, PatchType

from infergraph.errors import SetupError
from infergraph.kubernetes.calls import TROUBLE
from infergraph.kubernetes.operator import doubled_ports
from infergraph.kubernetes.operator.fingerprint import FIELD_MANAGER
from infergraph.kubernetes.operator.kinds import DEPLOYMENTS, Kind, Ref, ref_of
from infergraph.kubernetes.operator.refusals import Refused, Unavailable, refusal
from infergraph.kubernetes.operator.transport import Called, CountingTransport

TIMEOUT_S: Final = 30.0
_PAGE: Final = 500
_WATCH_S: Final = 240
"""After so long the server ends a watch, and a new one begins where it ended; a dead connection is not kept longer."""


@cache
def resource(kind: Kind, version: str) -> Any:
    """The client's class for a kind, whose objects are plain data."""
    create = create_namespaced_resource if kind.is_namespaced else create_global_resource
    return create(kind.group, version, kind.name, kind.plural)


def connect(kubeconfig: str = "", context: str = "", *, called: Called = lambda _, __: None) -> AsyncClient:
    """A client of the cluster that a file names, else of the one that this pod runs in, else of ``KUBECONFIG``.

    ``called`` is told of each call.

    :raises SetupError: when there is no such file or context.
    """
    try:
        config = KubeConfig.from_file(kubeconfig) if kubeconfig else KubeConfig.from_env()
        chosen = config.get(context or None)
        return AsyncClient(
            chosen,
            timeout=httpx2.Timeout(TIMEOUT_S),
            field_manager=FIELD_MANAGER,
            trust_env=False,
            transport=CountingTransport(httpx2.AsyncHTTPTransport(verify=_trust(chosen)), called),
        )
    except (ConfigError, KeyError, OSError) as error:
        raise SetupError(f"no cluster to connect to: {error}") from None


def _trust(config: Any) -> ssl.SSLContext:
    return verify_cluster(config.cluster, config.user, config.abs_file, trust_env=False)


class Cluster:
    """A cluster and the versions of kinds that it has, as the watches find them out."""

    def __init__(self, client: AsyncClient, *, concurrency: int = 16) -> None:
        self._client = client
        self._turn = asyncio.Semaphore(concurrency)
        self._known: dict[str, tuple[Kind, str]] = {DEPLOYMENTS.name: (DEPLOYMENTS, DEPLOYMENTS.versions[0])}
        self.writes = 0
        """How many calls have asked for a change."""

    def found(self, kind: Kind, version: str) -> None:
        """The cluster has a kind in this version; the empty text: it has not."""
        if version:
            self._known[kind.name] = (kind, version)
        else:
            self._known.pop(kind.name, None)

    def version(self, kind: str) -> str:
        """The version in which it has a kind; empty where it has none."""
        return self._known[kind][1] if kind in self._known else ""

    async def apply(self, one: dict[str, Any], *, is_new: bool = False) -> dict[str, Any]:
        """Server-side apply: the object as it is afterwards. The fields of a new one are nobody's, so none is forced.

        :raises Refused, Unavailable, Absent: see ``refusals``.
        """
        try:
            return await self._apply(one, is_new=is_new)
        except Unavailable as error:
            if doubled_ports.SAID not in str(error) or not await self._without_doubled_ports(ref_of(one)):
                raise
        return await self._apply(one, is_new=is_new)

    async def _without_doubled_ports(self, ref: Ref) -> bool:
        """Take them away from an object: whether there were any."""
        removals = doubled_ports.removals(await self.get(ref))
        if removals:
            async with self._call(f"patch {ref}"):
                self.writes += 1
                await self._client.patch(
                    self._resource(ref.kind),
                    ref.name,
                    removals,
                    namespace=ref.namespace,
                    patch_type=PatchType.JSON,
                )
        return bool(removals)

    async def _apply(self, one: dict[str, Any], *, is_new: bool) -> dict[str, Any]:
        ref = ref_of(one)
        async with self._call(f"patch {ref}"):
            self.writes += 1
            found: dict[str, Any] = await self._client.patch(
                self._resource(ref.kind),
                ref.name,
                one,
                namespace=ref.namespace,
                patch_type=PatchType.APPLY,
                force=not is_new,
            )
        return dict(found)

    async def get(self, ref: Ref) -> dict[str, Any]:
        """An object as it is.

        :raises Absent, Refused, Unavailable: see ``refusals``.
        """
        async with self._call(f"get {ref}"):
            found: dict[str, Any] = await self._client.get(self._resource(ref.kind), ref.name, namespace=ref.namespace)
        return dict(found)

    async def read(self, kind: Any, namespace: str, name: str) -> dict[str, Any]:
        """An object of one of the client's kinds (`kubernetes.kinds`).

        :raises Absent, Refused, Unavailable: see ``refusals``.
        """
        async with self._call(f"get {kind.__name__} {namespace}/{name}"):
            found: dict[str, Any] = await self._client.get(kind, name, namespace=namespace)
        return dict(found)

    async def delete(self, ref: Ref) -> None:
        """Delete an object; what belongs to it goes after it.

        :raises Absent, Refused, Unavailable: see ``refusals``.
        """
        async with self._call(f"delete {ref}"):
            self.writes += 1
            await self._client.delete(
                self._resource(ref.kind), ref.name, namespace=ref.namespace, cascade=CascadeType.BACKGROUND
            )

    async def patch_status(self, ref: Ref, patch: Mapping[str, Any]) -> dict[str, Any]:
        """Change the status of a SeldonDeployment: the object as it is afterwards.

        :raises Absent, Refused, Unavailable: see ``refusals``.
        """
        async with self._call(f"patch {ref}/status"):
            self.writes += 1
            found: dict[str, Any] = await self._client.patch(
                self._resource(ref.kind).Status,
                ref.name,
                {"status": patch},
                namespace=ref.namespace,
                patch_type=PatchType.MERGE,
            )
        return dict(found)

    async def write_event(self, event: dict[str, Any]) -> None:
        """Create or count up an Event.

        :raises Absent, Refused, Unavailable: see ``refusals``.
        """
        ref = ref_of(event)
        async with self._call(f"patch {ref}"):
            self.writes += 1
            await self._client.patch(
                resource(_EVENTS, "v1"),
                ref.name,
                event,
                namespace=ref.namespace,
                patch_type=PatchType.APPLY,
                force=True,
            )

    async def list(self, kind: Kind, version: str, namespace: str, labels: str) -> tuple[list[dict[str, Any]], str]:
        """All objects of a kind, and the version of the cluster from which on to watch.

        :raises Absent, Refused, Unavailable: see ``refusals``.
        """
        async with self._call(f"list {kind.plural}"):
            found = self._client.list(resource(kind, version), chunk_size=_PAGE, **_where(kind, namespace, labels))
            return [dict(one) async for one in found], str(found.resourceVersion)

    async def watch(
        self, kind: Kind, version: str, namespace: str, labels: str, since: str
    ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Every change of such objects: ``ADDED``, ``MODIFIED`` or ``DELETED``, and the object.

        :raises Absent, Refused, Unavailable: see ``refusals``; then list anew.
        """
        try:
            async for what, one in self._client.watch(
                resource(kind, version),
                resource_version=since,
                server_timeout=_WATCH_S,
                **_where(kind, namespace, labels),
            ):
                yield what, dict(one)
        except TROUBLE as error:
            raise refusal(error, f"watch {kind.plural}") from error

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    def _resource(self, kind: str) -> Any:
        if kind not in self._known:
            raise Refused(f"the cluster has no {kind}")
        return resource(*self._known[kind])

    @asynccontextmanager
    async def _call(self, doing: str) -> AsyncIterator[None]:
        async with self._turn:
            try:
                yield
            except TROUBLE as error:
                raise refusal(error, doing) from error


_EVENTS: Final = Kind(group="", versions=("v1",), name="Event", plural="events")


def _where(kind: Kind, namespace: str, labels: str) -> dict[str, Any]:
    """``labels`` is the name of a label that there has to be; empty for all objects."""
    return {
        **({"namespace": namespace or "*"} if kind.is_namespaced else {}),
        **({"labels": {labels: None}} if labels else {}),
    }
