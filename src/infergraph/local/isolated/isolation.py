"""The microservices that one generation of workers calls."""

import asyncio
from collections.abc import Mapping

from infergraph.errors import LoadError
from infergraph.local.isolated.keeper import Keeper
from infergraph.local.isolated.selection import isolated_units
from infergraph.local.plan import Plan
from infergraph.local.started import StartedUnit
from infergraph.telemetry.logs import ShowEvent


class Isolation:
    """Starts the microservice of every unit that is to be isolated; all at the same time, and before any worker.

    :raises SetupError: when a unit that is to be isolated cannot be.
    """

    def __init__(
        self,
        plan: Plan,
        tasks: asyncio.TaskGroup,
        show: ShowEvent,
        *,
        threads: Mapping[str, str],
        heartbeat_s: float,
    ) -> None:
        self._keepers = [Keeper(unit, plan, show, threads, heartbeat_s) for unit in isolated_units(plan)]
        for keeper in self._keepers:
            keeper.begin(tasks)

    @property
    def started(self) -> list[StartedUnit]:
        """Where they are, or will be."""
        return [
            StartedUnit(
                namespace=keeper.unit.namespace,
                deployment=keeper.unit.deployment,
                predictor=keeper.unit.predictor,
                unit=keeper.unit.name,
                address=keeper.address,
            )
            for keeper in self._keepers
        ]

    async def ready(self) -> None:
        """Until each was ready once. :raises LoadError: as soon as one cannot start."""
        for first in asyncio.as_completed([keeper.first for keeper in self._keepers]):
            if (sentence := await first) is not None:
                raise LoadError(sentence)

    def leave(self) -> None:
        """Start no more; those that are ready stay, for workers still call them."""
        for keeper in self._keepers:
            keeper.leave()

    def kill(self) -> None:
        """End them now."""
        for keeper in self._keepers:
            keeper.kill()

    async def end(self) -> None:
        """Every worker has ended: let them end, too."""
        await asyncio.gather(*(keeper.end() for keeper in self._keepers))
