"""How many units a request asks one after the other."""

import pytest

from infergraph.declaration import PredictiveUnit, Predictor
from infergraph.graph.longest_way import calls_in_a_row
from tests.graph.graphs import unit

MODEL = unit("m", "MODEL")
CHAIN = unit("t", "TRANSFORMER", unit("a", "MODEL", unit("b", "MODEL")))


@pytest.mark.parametrize(
    ("graph", "calls"),
    [
        (MODEL, 1),
        (CHAIN, 3),
        (unit("r", "ROUTER", MODEL, CHAIN), 4),
        (unit("c", "COMBINER", MODEL, MODEL), 2),
        (unit("o", "OUTPUT_TRANSFORMER", MODEL), 2),
        (unit("u", None, MODEL, methods=("TRANSFORM_INPUT", "ROUTE", "AGGREGATE", "TRANSFORM_OUTPUT")), 5),
        (unit("r", "ROUTER"), 1),
        (unit("u", None, MODEL), 1),
    ],
)
def test_the_longest_way_counts(graph: PredictiveUnit, calls: int) -> None:
    assert calls_in_a_row(Predictor(name="p", graph=graph)) == calls
