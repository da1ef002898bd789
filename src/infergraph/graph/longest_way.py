"""How many units a request asks one after the other, at most."""

from infergraph.declaration import Method, PredictiveUnit, Predictor, UnitType
from infergraph.graph.unit import has_role


def calls_in_a_row(predictor: Predictor) -> int:
    """The calls on the longest way through a graph, at least one: what a request may take is so often a call's time.

    The children of a unit count as asked at the same time; of those of a router only one is.
    """
    return max(1, _longest(predictor.graph))


def _longest(unit: PredictiveUnit) -> int:
    roles = [
        has_role(unit, UnitType.MODEL, None) or has_role(unit, UnitType.TRANSFORMER, Method.TRANSFORM_INPUT),
        has_role(unit, UnitType.OUTPUT_TRANSFORMER, Method.TRANSFORM_OUTPUT),
    ]
    if unit.children:  # a router or a combiner without any is never asked
        roles.append(has_role(unit, UnitType.ROUTER, Method.ROUTE))
        roles.append(has_role(unit, UnitType.COMBINER, Method.AGGREGATE))
    return sum(roles) + max(map(_longest, unit.children), default=0)
