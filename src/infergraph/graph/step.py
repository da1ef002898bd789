"""The types that a graph is made of."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

import msgspec

from infergraph.errors import NOT_ASKED
from infergraph.graph.batch import in_a_row
from infergraph.graph.context import Context
from infergraph.graph.parallel import starts_without_task
from infergraph.payloads import Feedback, Payload

Step: TypeAlias = Callable[[Payload, Context], Awaitable[Payload]]
"""Anything that happens to a request: a message in, a message out."""

RouteStep: TypeAlias = Callable[[Payload, Context], Awaitable[int]]
"""A router's decision: -1 all children, -2 none, N that child."""

AggregateStep: TypeAlias = Callable[[Sequence[Payload], Context], Awaitable[Payload]]
"""A combiner: the answers of the children in, one message out."""

FeedbackStep: TypeAlias = Callable[[Feedback, Context], Awaitable[Payload | None]]
"""A feedback in; the reply out, or None where the feedback itself is the reply (SELDON_V1 §3.3)."""


JsonStep: TypeAlias = Callable[[bytes, Context], Awaitable[bytes]]
"""A `Step` of a component in another process, from the JSON of a SeldonMessage to that of another one."""


class Executable(msgspec.Struct, frozen=True):
    """What a unit, a predictor or a deployment becomes: both ways through it.

    ``predict_json`` is a shorter way for a message in JSON, where nobody here has to read it.
    """

    predict: Step
    feedback: FeedbackStep
    predict_json: JsonStep | None = None


def sequence(steps: Sequence[Step]) -> Step:
    """One step that runs several, one after the other, without a layer for each."""
    flat = in_a_row([inner for step in steps for inner in getattr(step, "steps", (step,))])
    if len(flat) == 1:
        return flat[0]

    async def run(payload: Payload, context: Context) -> Payload:
        try:
            for step in flat:
                payload = await step(payload, context)
        except NOT_ASKED as error:
            if step is not flat[0]:
                error.has_begun = True
            raise
        return payload

    run.starts_without_task = all(map(starts_without_task, flat))  # type: ignore[attr-defined]
    run.steps = tuple(flat)  # type: ignore[attr-defined]
    return run
