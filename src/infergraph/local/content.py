"""What a process serves: the deployments of manifests, or one component."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from infergraph.local.announcement import Announcement
from infergraph.local.plan import Plan
from infergraph.servers.limits import Limits
from infergraph.servers.request import Answering
from infergraph.telemetry import Registry

if TYPE_CHECKING:
    from infergraph.graph.load import Preloads
    from infergraph.servers.grpc_server import GrpcServer


class Content(Protocol):
    """Declared from the start, loaded once, drained at the end."""

    limits: Limits
    registry: Registry

    def application(self) -> Answering:
        """What answers over HTTP."""
        ...

    def grpc_server(self) -> "GrpcServer":
        """What answers over gRPC."""
        ...

    async def load(self) -> None:
        """Load everything, in a thread. :raises SetupError: when something does not load."""
        ...

    def announcement(self, url: str, grpc: str | None) -> Announcement:
        """What there is to tell once everything is loaded."""
        ...

    def drain(self) -> None:
        """The process goes down: no longer ready, but what comes all the same is answered."""
        ...

    async def end(self) -> None:
        """Every request is answered: finish what is left beside them."""
        ...


def content_of(plan: Plan, registry: Registry | None = None, preloads: "Sequence[Preloads] | None" = None) -> Content:
    """The content of a plan, measured in ``registry``. ``preloads`` are what of its deployments is loaded already.

    :raises BadManifest: when an annotation is not what it should be.
    """
    if plan.unit is not None:
        from infergraph.local.microservice import Microservice

        return Microservice(plan, plan.unit, registry)
    from infergraph.local.deployments import Deployments

    return Deployments(plan, registry, preloads)
