"""A deployment's traffic spread over its predictors, by their weights."""

import itertools
from collections.abc import Sequence

from infergraph.errors import BadMessage
from infergraph.graph.context import Context
from infergraph.graph.schedule import spread
from infergraph.graph.step import Executable
from infergraph.payloads import Feedback, Payload

ROUTING_KEY = "infergraph.io/predictor"
"""The entry of ``meta.routing`` that says which predictor answered, so that feedback finds it again."""


def split(predictors: Sequence[Executable], weights: Sequence[int]) -> Executable:
    """One executable over several: each gets exactly its percentage of any 100 requests in a row.

    Feedback goes to the predictor that answered; where the response does not say which, by the same weights.
    """
    if len(predictors) == 1:
        return predictors[0]
    turns = itertools.cycle(spread(weights))
    feedback_turns = itertools.cycle(spread(weights))

    async def predict(payload: Payload, context: Context) -> Payload:
        chosen = next(turns)
        context.routing[ROUTING_KEY] = chosen
        return await predictors[chosen].predict(payload, context)

    async def feedback(feedback: Feedback, context: Context) -> Payload | None:
        chosen = (feedback.response.meta.routing or {}).get(ROUTING_KEY)
        if chosen is None:
            chosen = next(feedback_turns)
        if not 0 <= chosen < len(predictors):
            raise BadMessage(f"There is no predictor {chosen} - at `$.response.meta.routing.{ROUTING_KEY}`")
        context.routing[ROUTING_KEY] = chosen
        return await predictors[chosen].feedback(feedback, context)

    return Executable(predict, feedback)
