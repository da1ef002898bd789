"""Whether the units that run in other processes can be reached, for readiness (SELDON_V1 §3.6)."""

import asyncio
from collections.abc import Iterable

import structlog

from infergraph.errors import RequestError
from infergraph.graph.remote import RemoteUnit
from infergraph.servers.served import Components, Served

log = structlog.get_logger("infergraph.run")

LOOK_S = 1.0


class Reachability:
    """Tells each deployment whether all its units can be reached, and learns what they say of themselves."""

    def __init__(self, loaded: Iterable[tuple[Served, Components]]) -> None:
        self._units = [(served, units) for served, components in loaded if (units := _elsewhere(components))]
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Look once, and go on looking until `end`."""
        if self._units:
            await self._look()
            self._task = asyncio.create_task(self._watch())

    def end(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self._look()

    async def _look(self) -> None:
        for served, units in self._units:
            answers = await asyncio.gather(*(unit.is_reachable() for unit in units))
            gone = [
                f"{unit.unit} ({unit.address})" for unit, answers in zip(units, answers, strict=True) if not answers
            ]
            if (not gone) is not served.are_units_reachable:
                log.warning(
                    "units_unreachable" if gone else "units_reachable", deployment=served.deployment.name, units=gone
                )
            served.are_units_reachable = not gone
            if not gone:
                await _learn(units)


async def _learn(units: Iterable[RemoteUnit]) -> None:
    """What units say of themselves is asked until they have said it."""
    for unit in units:
        if not unit.has_said_what_it_is:
            try:
                async with asyncio.timeout(LOOK_S):
                    await unit.learn()
            except (RequestError, TimeoutError) as error:
                log.debug("unit_without_metadata", unit=unit.unit, error=str(error))


def _elsewhere(components: Components) -> list[RemoteUnit]:
    return [one for units in components.values() for one in units.values() if isinstance(one, RemoteUnit)]
