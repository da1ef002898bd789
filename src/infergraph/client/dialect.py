"""What a client can ask, as calls; one dialect for REST, one for gRPC."""

from typing import Protocol

from infergraph.client.question import Question
from infergraph.client.request import Call
from infergraph.client.result import Result
from infergraph.payloads.payload import JsonObject, Payload


class Dialect(Protocol):
    """Turns what is asked into calls."""

    def predict(self, question: Question, headers: dict[str, str]) -> Call[Result]:
        """A prediction. :raises Unsendable: when the protocol cannot say the question."""
        ...

    def feedback(
        self, result: Result, reward: float, truth: Payload | None, headers: dict[str, str]
    ) -> Call[JsonObject]:
        """What became of a prediction; never sent twice."""
        ...

    def metadata(self, unit: str, headers: dict[str, str]) -> Call[JsonObject]:
        """What the graph, or one unit, says of itself."""
        ...

    def is_ready(self, headers: dict[str, str]) -> Call[bool]:
        """Whether every model is loaded."""
        ...

    def is_live(self, headers: dict[str, str]) -> Call[bool]:
        """Whether the server answers at all."""
        ...
