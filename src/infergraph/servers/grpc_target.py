"""The deployment that a gRPC call is for, by its metadata (SELDON_V1 §3.9)."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager

import msgspec

from infergraph.errors import NotFound
from infergraph.servers.deadline import NO_DEADLINE, Deadline
from infergraph.servers.served import Served

TIMEOUT = "seldon.io/grpc-timeout"
NAME, NAMESPACE = "seldon", "namespace"


class GrpcTarget(msgspec.Struct, frozen=True):
    """A deployment as gRPC serves it: ``message_bytes`` is its largest message, ``timeout_s`` what a call may take."""

    served: Served
    message_bytes: int
    timeout_s: float | None = None

    @property
    def name(self) -> str:
        return self.served.deployment.name

    @property
    def namespace(self) -> str:
        return self.served.deployment.namespace

    def deadline(self) -> AbstractAsyncContextManager[None]:
        """The time that one call has in the graph; a new one for each."""
        return NO_DEADLINE if self.timeout_s is None else Deadline(self.timeout_s, TIMEOUT)


class Directory:
    """Finds the target of a call."""

    def __init__(self, targets: Sequence[GrpcTarget]) -> None:
        self._targets = targets
        self._single = targets[0] if len(targets) == 1 else None

    def find(self, metadata: Mapping[str, str]) -> GrpcTarget:
        """The target that the metadata ``seldon`` and ``namespace`` name; a single one need not be named.

        :raises NotFound: when there is none, or more than one.
        """
        name, namespace = metadata.get(NAME), metadata.get(NAMESPACE)
        if name is None and namespace is None and self._single is not None:
            return self._single
        found = [t for t in self._targets if name in (None, t.name) and namespace in (None, t.namespace)]
        if len(found) == 1:
            return found[0]
        known = ", ".join(f"{t.name} in {t.namespace}" for t in self._targets)
        raise NotFound(
            f"{'Several deployments are' if found else 'No deployment is'} meant by metadata {_said(name, namespace)}; "
            f"name one with seldon and namespace: {known}"
        )


def _said(name: str | None, namespace: str | None) -> str:
    said = {NAME: name, NAMESPACE: namespace}
    return ", ".join(f"{key}: {value:.100}" for key, value in said.items() if value is not None) or "without either"
