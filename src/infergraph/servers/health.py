"""What units say of their own health, asked so that a unit which does not answer keeps nobody else waiting."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from infergraph.components import Component
from infergraph.graph.remote import RemoteUnit
from infergraph.payloads import Payload


class Health:
    """The health of a deployment's units.

    A unit is asked once at a time, in a thread of its own (a coroutine in the event loop), and not in the queue of its
    predictions; whoever asks meanwhile shares the answer.
    """

    def __init__(self) -> None:
        self._running: dict[Component | RemoteUnit, asyncio.Future[Payload]] = {}

    async def of(self, component: Component | RemoteUnit) -> Payload:
        """The unit's answer. :raises RequestError: when it raises, or gives none."""
        running = self._running.get(component)
        if running is None:
            running = self._running[component] = asyncio.ensure_future(_ask(component))
            running.add_done_callback(lambda _: self._running.pop(component))
        return await asyncio.shield(running)


async def _ask(component: Component | RemoteUnit) -> Payload:
    if isinstance(component, RemoteUnit):
        return await component.status()
    health = component.health()
    if health.is_async:
        answer: Payload = await health.run_async(None)
        return answer
    thread = ThreadPoolExecutor(1, thread_name_prefix=f"health-{component.unit}")
    try:
        return await asyncio.get_running_loop().run_in_executor(thread, health.run, None)
    finally:
        thread.shutdown(wait=False)
