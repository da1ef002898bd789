"""A model tried in an environment of its own: `infergraph doctor --fix`."""

import asyncio
from pathlib import Path

from infergraph.errors import LoadError
from infergraph.local.isolated.keeper import Keeper
from infergraph.local.isolated.unit import IsolatedUnit
from infergraph.local.plan import Fix, Plan
from infergraph.runtimes.catalog import RUNTIMES
from infergraph.telemetry.logs import ShowEvent

UNIT = "model"


def loads_in(fix: Fix, path: Path, server: str, show: ShowEvent) -> Path:
    """Make the environment of ``fix``, load the model at ``path`` in a process there, and end that.

    Returns the environment's folder.

    :raises LoadError: when it cannot be made, or the model does not load there either.
    """
    return asyncio.run(_loads_in(fix, path.absolute(), server, show))


async def _loads_in(fix: Fix, path: Path, server: str, show: ShowEvent) -> Path:
    unit = IsolatedUnit(
        namespace="default",
        deployment="doctor",
        predictor="default",
        name=UNIT,
        python_class=RUNTIMES[server],
        folder=path.parent,
        base=path.parent,
        requirements=fix.requirements,
        python=fix.python,
        model_uri=str(path),
        is_server=True,
    )
    async with asyncio.TaskGroup() as tasks:
        keeper = Keeper(unit, Plan(manifests=()), show, {})
        keeper.begin(tasks)
        sentence = await keeper.first
        await keeper.end()
    if sentence is not None or keeper.environment is None:
        raise LoadError(sentence or "no environment was made")
    return keeper.environment.folder
