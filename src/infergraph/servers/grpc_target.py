"""The deployment that a gRPC call is for, by its metadata (SELDON_V1 §3.9)."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from infergraph.errors import BodyTooLarge, NotFound
from infergraph.servers.deadline import NO_DEADLINE, Deadline
from infergraph.servers.models import Models
from infergraph.servers.served import Served
from infergraph.telemetry.request_meter import Meter, RefusalMeter

TIMEOUT = "seldon.io/grpc-timeout"
NAME, NAMESPACE = "seldon", "namespace"


class GrpcTarget:
    """A deployment as gRPC serves it: ``message_bytes`` is its largest message, ``timeout_s`` what a call may take."""

    __slots__ = ("message_bytes", "models", "served", "timeout_s")

    def __init__(self, served: Served, *, message_bytes: int, timeout_s: float | None = None) -> None:
        self.served = served
        self.message_bytes = message_bytes
        self.timeout_s = timeout_s
        self.models = Models(served)

    @property
    def name(self) -> str:
        return self.served.deployment.name

    @property
    def namespace(self) -> str:
        return self.served.deployment.namespace

    def deadline(self) -> AbstractAsyncContextManager[None]:
        """The time that one call has in the graph; a new one for each."""
        return NO_DEADLINE if self.timeout_s is None else Deadline(self.timeout_s, TIMEOUT, self.served.calls)

    def check_size(self, request: bytes) -> None:
        """:raises BodyTooLarge: when a message is over the limit."""
        if len(request) > self.message_bytes:
            raise BodyTooLarge(
                f"A message has at most {self.message_bytes} bytes here, and this one has {len(request)}; annotation "
                "seldon.io/grpc-max-message-size sets the limit"
            )


class Directory:
    """Finds the target of a call. ``meter`` measures the calls that have none."""

    def __init__(self, targets: Sequence[GrpcTarget]) -> None:
        self.targets = targets
        self.meter: Meter = RefusalMeter(targets[0].served.metrics.registry)
        self._single = targets[0] if len(targets) == 1 else None

    def find(self, metadata: Mapping[str, str]) -> GrpcTarget:
        """The target that the metadata ``seldon`` and ``namespace`` name; a single one need not be named.

        :raises NotFound: when there is none, or more than one.
        """
        name, namespace = metadata.get(NAME), metadata.get(NAMESPACE)
        if name is None and namespace is None and self._single is not None:
            return self._single
        found = self._meant(name, namespace)
        if len(found) == 1:
            return found[0]
        known = ", ".join(f"{t.name} in {t.namespace}" for t in self.targets)
        raise NotFound(
            f"{'Several deployments are' if found else 'No deployment is'} meant by metadata {_said(name, namespace)}; "
            f"name one with seldon and namespace: {known}"
        )

    def all_of(self, metadata: Mapping[str, str]) -> list[GrpcTarget]:
        """Every target that the metadata mean: all of them where nothing is named."""
        return self._meant(metadata.get(NAME), metadata.get(NAMESPACE))

    def _meant(self, name: str | None, namespace: str | None) -> list[GrpcTarget]:
        return [t for t in self.targets if name in (None, t.name) and namespace in (None, t.namespace)]


def _said(name: str | None, namespace: str | None) -> str:
    said = {NAME: name, NAMESPACE: namespace}
    return ", ".join(f"{key}: {value:.100}" for key, value in said.items() if value is not None) or "without either"
