"""What a box says, and when its unit is called."""

import pytest

from tests.servers.picture.drawing import Json, deployment, graph, said, unit

PYTHON = [{"name": "python_class", "value": "tidy:Output", "type": "STRING"}]


CONTAINER = [{"spec": {"containers": [{"name": "u", "image": "org/image:1"}]}}]


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        (unit("u", "MODEL"), ["MODEL", "org/image:1", "call 1"]),
        (unit("u", "MODEL", parameters=PYTHON), ["MODEL", "tidy:Output", "call 1"]),
        (unit("u", "MODEL", unit("c")), ["MODEL", "before its child", "org/image:1", "call 1"]),
        (
            unit("u", "TRANSFORMER", unit("c"), unit("d")),
            ["TRANSFORMER", "before its children; the first", "child's answer counts", "org/image:1", "call 1"],
        ),
        (
            unit("u", "OUTPUT_TRANSFORMER", unit("c")),
            ["OUTPUT TRANSFORMER", "after its child", "org/image:1", "call 2"],
        ),
        (unit("u", "COMBINER", unit("c"), unit("d")), ["COMBINER", "after its children", "org/image:1", "call 2"]),
        (unit("u", "ROUTER", unit("c"), unit("d")), ["ROUTER", "picks a child", "org/image:1", "call 1"]),
        (unit("u", "ROUTER"), ["ROUTER", "never called: it has no children", "org/image:1"]),
        (unit("u", "UNKNOWN_TYPE", unit("c")), ["UNIT", "passes requests on", "org/image:1"]),
        (
            unit("u", None, unit("c"), implementation="RANDOM_ABTEST"),
            ["ROUTER", "picks a child", "RANDOM_ABTEST", "call 1"],
        ),
        (
            unit("u", "UNKNOWN_TYPE", unit("c"), methods=["TRANSFORM_INPUT", "TRANSFORM_OUTPUT"]),
            ["TRANSFORMER", "before and after its child", "org/image:1", "call 1, 3"],
        ),
        (unit("u", None, unit("c"), methods=["AGGREGATE"]), ["COMBINER", "after its child", "org/image:1", "call 2"]),
        # A prepackaged server is a model, whatever type stands beside it.
        (unit("u", "ROUTER", implementation="SKLEARN_SERVER"), ["MODEL", "SKLEARN_SERVER", "call 1"]),
    ],
)
def test_what_a_box_says(root: Json, expected: list[str]) -> None:
    assert said(deployment({"name": "main", "graph": root, "componentSpecs": CONTAINER}))["u"] == expected


def test_the_numbers_are_the_order_of_the_calls() -> None:
    combiner = unit("combine", "COMBINER", unit("b"), unit("c", "TRANSFORMER", unit("d")))
    tree = unit("out", "OUTPUT_TRANSFORMER", unit("in", "TRANSFORMER", unit("route", "ROUTER", unit("a"), combiner)))
    calls = {name: lines[-1] for name, lines in said(graph(tree)).items()}
    assert calls == {
        "in": "call 1",
        "route": "call 2",
        "a": "call 3",
        "b": "call 3",
        "c": "call 3",
        "d": "call 4",
        "combine": "call 5",
        "out": "call 6",
    }
