"""Which units a request went through."""

import pytest

from infergraph.graph.context import Context
from infergraph.graph.visited import telling_all, visited
from tests.graph.graphs import ask, compiled, unit

A = unit("a", "MODEL", unit("below", "MODEL"))
B = unit("b", "MODEL")
ROUTER = unit("r", "ROUTER", A, B)


class Second:
    def route(self, X: object, names: object) -> int:
        return 1


@pytest.mark.parametrize(
    ("routing", "names"),
    [
        ({}, ["r", "a", "below", "b"]),
        ({"r": -1}, ["r", "a", "below", "b"]),
        ({"r": -2}, ["r"]),
        ({"r": 0}, ["r", "a", "below"]),
        ({"r": 1}, ["r", "b"]),
    ],
)
def test_the_routers_choice_says_which(routing: dict[str, int], names: list[str]) -> None:
    assert list(visited(ROUTER, routing)) == names


def test_an_answer_tells_every_unit_on_its_way() -> None:
    root = unit("t", "TRANSFORMER", ROUTER)
    context = Context("p")
    ask(telling_all(compiled(root, {"r": Second()}), root), context=context)
    assert context.routing == {"t": -1, "r": 1, "b": -1}
