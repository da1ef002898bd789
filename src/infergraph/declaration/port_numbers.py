"""The port numbers of a deployment's containers."""

from collections.abc import Iterator
from itertools import count

from infergraph.declaration.container import Container
from infergraph.declaration.default_settings import DefaultSettings


class _Counter:
    """One number for each name, in the order of asking."""

    def __init__(self, start: int) -> None:
        self._next: Iterator[int] = count(start)
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        if name not in self._numbers:
            self._numbers[name] = next(self._next)
        return self._numbers[name]


class PortNumbers:
    """Counts over the whole deployment, by container name: the same name in a second predictor gets the same numbers.

    A container that is no unit takes an http and a grpc number all the same (SELDON_V1 §1.8).
    """

    def __init__(self, settings: DefaultSettings) -> None:
        self._http = _Counter(settings.http_port)
        self._grpc = _Counter(settings.grpc_port)
        self._metrics = _Counter(settings.metrics_port)
        self._metrics_name = settings.metrics_port_name

    def take(self, container: Container, *, is_unit: bool) -> None:
        """Give a container its numbers, unless it has them."""
        self.http(container)
        self.grpc(container)
        if is_unit:
            self.metrics(container)

    def http(self, container: Container) -> int:
        return self._http.number(container.name)

    def grpc(self, container: Container) -> int:
        return self._grpc.number(container.name)

    def metrics(self, container: Container) -> int:
        """The number that the container states, or the one that is counted for its name."""
        return container.port(self._metrics_name) or self._metrics.number(container.name)
