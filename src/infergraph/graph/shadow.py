"""A shadow: a predictor that gets a copy of the traffic, and whose answer nobody waits for."""

import itertools

import structlog

from infergraph.errors import InferGraphError
from infergraph.graph.context import Context
from infergraph.graph.copy_tasks import CopyTasks
from infergraph.graph.schedule import PERIOD, spread
from infergraph.graph.step import Executable, Step
from infergraph.payloads import Payload
from infergraph.telemetry.instruments import Counter

log = structlog.get_logger("infergraph.shadow")


class Shadows(CopyTasks):
    """The tasks that run shadows: the server owns them and waits for them when it goes down."""

    def __init__(self) -> None:
        super().__init__(log)

    def start(self, name: str, step: Step, payload: Payload, context: Context, dropped: Counter) -> None:
        """Run a step on a payload of its own, beside the request; what it raises is only logged."""
        if self.has_room(predictor=name):
            self.begin(_run(name, step, payload, context))
        else:
            dropped.value += 1


async def _run(name: str, step: Step, payload: Payload, context: Context) -> None:
    try:
        await step(payload, context)
    except InferGraphError as error:
        log.warning("shadow_failed", predictor=name, puid=context.puid, error=str(error))
    except Exception:
        log.exception("shadow_failed", predictor=name, puid=context.puid)


def shadowed(
    main: Executable,
    shadow: Executable,
    *,
    name: str,
    percent: int,
    shadows: Shadows,
    dropped: Counter | None = None,
) -> Executable:
    """The main executable, with a copy of ``percent`` of its requests for the shadow. Feedback goes to main only.

    ``dropped`` counts the copies that the shadow does not get because it falls behind.
    """
    counter = dropped or Counter()
    turns = itertools.cycle(spread([PERIOD - percent, percent]))

    async def predict(payload: Payload, context: Context) -> Payload:
        if next(turns):
            shadows.start(name, shadow.predict, payload.copy(), Context(context.puid, context.headers), counter)
        return await main.predict(payload, context)

    return Executable(predict, main.feedback)
