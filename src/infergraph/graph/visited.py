"""Which units a request went through, told with its answer (SELDON_V1 §3.2, routing injection)."""

from collections.abc import Iterator, Mapping

import msgspec

from infergraph.declaration import PredictiveUnit
from infergraph.graph.context import Context
from infergraph.graph.step import Executable
from infergraph.graph.unit import ALL, NONE
from infergraph.payloads import Payload


def telling_all(executable: Executable, root: PredictiveUnit) -> Executable:
    """The graph below a unit, telling of each unit that a request went through how it went on: -1 where none chose."""
    predict = executable.predict

    async def run(payload: Payload, context: Context) -> Payload:
        answer = await predict(payload, context)
        context.routing.update({name: context.routing.get(name, ALL) for name in visited(root, context.routing)})
        return answer

    return msgspec.structs.replace(executable, predict=run, predict_json=None)


def visited(unit: PredictiveUnit, routing: Mapping[str, int]) -> Iterator[str]:
    """The unit and those below it that were asked, when the routers chose these branches."""
    yield unit.name
    branch = routing.get(unit.name, ALL)
    chosen = unit.children if branch == ALL else () if branch == NONE else unit.children[branch : branch + 1]
    for child in chosen:
        yield from visited(child, routing)
