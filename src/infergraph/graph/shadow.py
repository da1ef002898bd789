"""A shadow: a predictor that gets a copy of the traffic, and whose answer nobody waits for."""

import asyncio
import itertools

import structlog

from infergraph.errors import InferGraphError
from infergraph.graph.context import Context
from infergraph.graph.schedule import PERIOD, spread
from infergraph.graph.step import Executable, Step
from infergraph.payloads import Payload
from infergraph.telemetry.instruments import Counter

log = structlog.get_logger("infergraph.shadow")

MAX_RUNNING = 100  # copies at the same time; a shadow that falls behind loses the rest


class Shadows:
    """The tasks that run shadows: the server owns them and waits for them when it goes down."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._dropped = 0

    def start(self, name: str, step: Step, payload: Payload, context: Context, dropped: Counter) -> None:
        """Run a step on a payload of its own, beside the request; what it raises is only logged."""
        if len(self._tasks) >= MAX_RUNNING:
            dropped.value += 1
            self._dropped += 1
            if self._dropped & (self._dropped - 1) == 0:  # at 1, 2, 4, 8, ...: say it, without a flood
                log.warning("shadow_falls_behind", predictor=name, dropped=self._dropped)
            return
        task = asyncio.create_task(_run(name, step, payload, context))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, timeout_s: float) -> None:
        """Wait for the shadows that run, and cancel what is left after ``timeout_s``."""
        if not self._tasks:
            return
        _, left = await asyncio.wait(self._tasks, timeout=timeout_s)
        for task in left:
            task.cancel()


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
