"""Whether the units that run in other processes can be reached, for readiness (SELDON_V1 §3.6)."""

import asyncio
from collections.abc import Iterable

import structlog

from infergraph.errors import RequestError
from infergraph.graph.remote import RemoteUnit
from infergraph.servers.served import Components, Served

log = structlog.get_logger("infergraph.run")

LOOK_S = 1.0
FIRST_LOOK_S = 2.0
"""How long the start waits for all first looks: a unit that takes its time to say how it is is not ready until then."""


class Reachability:
    """Tells each deployment whether all its units can be reached, and learns what they say of themselves.

    With ``full_health_checks`` a unit has to say that it is well, too.
    """

    def __init__(self, loaded: Iterable[tuple[Served, Components]], *, full_health_checks: bool = False) -> None:
        self._looks = [
            _Look(served, units, is_full=full_health_checks)
            for served, components in loaded
            if (units := _elsewhere(components))
        ]
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        """Look once, and go on looking until `end`."""
        for look in self._looks:
            self._tasks += [asyncio.create_task(look.watch(unit)) for unit in look.units]
        for look in self._looks:
            await look.wait(FIRST_LOOK_S)

    def end(self) -> None:
        """Look no more."""
        for task in self._tasks:
            task.cancel()


class _Look:
    """The units of one deployment. Each is looked at by itself: one that is slow to say how it is delays no other."""

    def __init__(self, served: Served, units: list[RemoteUnit], *, is_full: bool) -> None:
        self.units = units
        self._served = served
        self._is_full = is_full
        self._gone: set[RemoteUnit] = set()
        self._unseen = set(units)
        self._is_seen = asyncio.Event()

    async def wait(self, limit_s: float) -> None:
        """Until each unit was looked at, or for so long."""
        try:
            async with asyncio.timeout(limit_s):
                await self._is_seen.wait()
        except TimeoutError:
            self._tell()

    async def watch(self, unit: RemoteUnit) -> None:
        """Look at one unit again and again."""
        was_there = False
        while True:
            is_there = await (unit.is_well() if self._is_full else unit.is_reachable())
            if is_there and not (was_there and unit.has_said_what_it_is):  # who comes back may be another version
                await _learn(unit)  # before it is asked, as some are asked in their own words for their inputs
            self._unseen.discard(unit)
            (self._gone.discard if is_there else self._gone.add)(unit)
            if not self._unseen:
                self._is_seen.set()
                self._tell()
            was_there = is_there
            await asyncio.sleep(LOOK_S)

    def _tell(self) -> None:
        gone = self._gone | self._unseen
        is_all_there = not gone
        if is_all_there is not self._served.are_units_reachable:
            names = [f"{unit.unit} ({unit.address})" for unit in self.units if unit in gone]
            event = "units_reachable" if is_all_there else "units_unreachable"
            log.warning(event, deployment=self._served.deployment.name, units=names)
        self._served.are_units_reachable = is_all_there


async def _learn(unit: RemoteUnit) -> None:
    """What a unit says of itself is asked until it has said it."""
    try:
        async with asyncio.timeout(LOOK_S):
            await unit.learn()
    except (RequestError, TimeoutError) as error:
        log.debug("unit_without_metadata", unit=unit.unit, error=str(error))


def _elsewhere(components: Components) -> list[RemoteUnit]:
    return [one for units in components.values() for one in units.values() if isinstance(one, RemoteUnit)]
