"""What the operator measures (docs/metrics.md)."""

import time
from collections import Counter as Counts
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from infergraph.telemetry import Registry
from infergraph.telemetry import catalog as of

STATES = ("Available", "Creating", "Failed", "none")


class Look:
    """One look at a deployment; its ``result`` is set by whoever knows it."""

    result = "error"


class OperatorMeter:
    """The operator's metrics in a registry."""

    def __init__(self, registry: Registry | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.registry = registry or Registry()
        self._clock = clock
        self._began: dict[int, float] = {}
        self._seconds = self.registry.histogram(of.RECONCILE_SECONDS)
        self._leader = self.registry.gauge(of.LEADER)

    @contextmanager
    def look(self) -> Iterator[Look]:
        """Measure one look at a deployment."""
        one, began_s = Look(), self._clock()
        self._began[id(one)] = began_s
        try:
            yield one
        finally:
            del self._began[id(one)]
            self._seconds.observe(self._clock() - began_s)
            self.registry.counter(of.RECONCILES, one.result).value += 1

    def longest_look_s(self) -> float:
        """How long the oldest look that has not ended is taking."""
        return self._clock() - min(self._began.values()) if self._began else 0.0

    def called(self, verb: str, code: int) -> None:
        """A call of the API server has been answered; 0: it has not been."""
        self.registry.counter(of.API_CALLS, verb, str(code)).value += 1

    def reviewed(self, result: str) -> None:
        """The webhook has answered."""
        self.registry.counter(of.REVIEWS, result).value += 1

    def leads(self, is_leader: bool) -> None:  # noqa: FBT001 - called with nothing else
        """Whether this process is the one that writes."""
        self._leader.value = float(is_leader)

    def certificate_ends(self, at_s: float) -> None:
        """When the webhook's certificate runs out, in seconds since 1970."""
        self.registry.gauge(of.CERTIFICATE_EXPIRY).value = at_s

    def watch(self, *, queue_depth: Callable[[], int], states: Callable[[], Counts[str]]) -> None:
        """Read these when somebody looks; ``states`` counts deployments by state."""
        self.registry.gauge(of.RECONCILE_QUEUE, read=queue_depth)
        for state in STATES:
            self.registry.gauge(of.DEPLOYMENTS, state, read=lambda state=state: states()[state])  # type: ignore[misc]
