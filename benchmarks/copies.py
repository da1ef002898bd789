"""How often a tensor is copied on its way to a component, counted by tracemalloc, to which numpy reports too."""

import tracemalloc
from collections.abc import Awaitable, Callable
from typing import Any

from infergraph.components import Component
from infergraph.declaration import PredictiveUnit, UnitType
from infergraph.graph.lane import Lane
from infergraph.graph.step import Step
from infergraph.graph.unit import compile_unit

SHARE = 0.01  # of the tensor; smaller blocks are heads and names


class Watching:
    """The identity; notes the blocks that are alive when it is called, and the most that there was before."""

    def __init__(self) -> None:
        self.block_bytes: list[int] = []
        self.peak_bytes = 0

    def predict(self, X: Any, names: list[str]) -> Any:
        if tracemalloc.is_tracing():
            self.peak_bytes = tracemalloc.get_traced_memory()[1]
            self.block_bytes = [trace.size for trace in tracemalloc.take_snapshot().traces]
        return X


def step_of(component: object) -> Step:
    """The compiled graph of one unit."""
    unit = PredictiveUnit(name="m", type=UnitType.MODEL)
    known = {"m": Component("m", component, image="identity:1")}
    return compile_unit(unit, known, {"m": Lane("m", threads=1, queue_length=1000)}).predict


async def copies(ask: Callable[[Step], Awaitable[Any]], size_bytes: int) -> int:
    """How many blocks over 1 % of a tensor of ``size_bytes`` a question makes until it is at the component.

    Those that are gone by then count as one, however many they were.
    """
    watching = Watching()
    step = step_of(watching)
    await ask(step)  # what is made once, is made now
    tracemalloc.start()
    try:
        await ask(step)
    finally:
        tracemalloc.stop()
    large = [size for size in watching.block_bytes if size > SHARE * size_bytes]
    were_more = watching.peak_bytes - sum(watching.block_bytes) > SHARE * size_bytes
    return len(large) + were_more
