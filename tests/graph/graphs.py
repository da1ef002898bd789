"""Small graphs for tests: units from a few words, components from plain objects."""

import asyncio
from collections.abc import Mapping
from typing import Any

import numpy as np

from infergraph.components import Component
from infergraph.declaration import Method, PredictiveUnit, UnitType
from infergraph.graph.context import Context
from infergraph.graph.lane import Lane
from infergraph.graph.step import Executable
from infergraph.graph.unit import compile_unit
from infergraph.payloads import Encoding, Feedback, Meta, Payload


def unit(name: str, kind: str | None, *children: PredictiveUnit, methods: tuple[str, ...] = ()) -> PredictiveUnit:
    """A unit of a type and some methods."""
    return PredictiveUnit(
        name=name,
        type=UnitType(kind) if kind else UnitType.UNKNOWN_TYPE,
        children=children,
        methods=tuple(Method(method) for method in methods),
    )


def compiled(root: PredictiveUnit, targets: Mapping[str, object], full: str = "") -> Executable:
    """The graph over these objects; the queue of the unit ``full`` is full."""
    components = {u.name: Component(u.name, targets.get(u.name, Passing()), image=f"{u.name}:1") for u in root.walk()}
    lanes = {name: Lane(name, threads=1, queue_length=-1 if name == full else 100) for name in components}
    return compile_unit(root, components, lanes)


def ask(executable: Executable, value: Any = "x", context: Context | None = None) -> Payload:
    """The answer to a payload: text, or an array."""
    encoding = Encoding.TEXT if isinstance(value, str) else Encoding.NDARRAY
    payload = Payload(value if isinstance(value, str) else np.array(value), encoding)

    async def run() -> Payload:
        return await executable.predict(payload, context or Context("p"))

    return asyncio.run(run())


def feed(executable: Executable, routing: dict[str, int]) -> Payload | None:
    """The reply to a feedback whose response went this way."""
    nothing = Payload(np.empty(0), Encoding.NONE)
    response = Payload(np.empty(0), Encoding.NONE, meta=Meta(routing=routing))
    feedback = Feedback(request=nothing, response=response, truth=nothing, reward=1.0, message={})

    async def run() -> Payload | None:
        return await executable.feedback(feedback, Context("p"))

    return asyncio.run(run())


class Passing:
    """Does nothing, in every way that there is."""

    def predict(self, X: Any) -> Any:
        return X

    def route(self, X: Any) -> int:
        return -1

    def aggregate(self, features: list[Any]) -> Any:
        return features[0]


class Marking:
    """Writes its mark behind the text, a different one for each thing that it is asked to do."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.rewards: list[float] = []

    def predict(self, X: str) -> str:
        return f"{X} p{self.mark}"

    def transform_input(self, X: str) -> str:
        return f"{X} i{self.mark}"

    def transform_output(self, X: str) -> str:
        return f"{X} o{self.mark}"

    def aggregate(self, features: list[str]) -> str:
        return f"({' | '.join(features)}) a{self.mark}"

    def send_feedback(self, features: Any, names: Any, reward: float, truth: Any) -> str:
        self.rewards.append(reward)
        return f"fed {self.mark}"


class Routing(Marking):
    """Routes to a branch."""

    def __init__(self, mark: str, branch: Any) -> None:
        super().__init__(mark)
        self.branch = branch

    def route(self, X: Any) -> Any:
        return self.branch
