"""What stands on the lines between units."""

import pytest

from tests.servers.picture.drawing import SVG, Json, drawn, graph, unit


@pytest.mark.parametrize(
    ("more", "labels"),
    [
        ({"type": "ROUTER"}, ["0", "1"]),
        ({"implementation": "RANDOM_ABTEST"}, ["50 %", "50 %"]),
        ({"parameters": [{"name": "ratioA", "value": "0.7", "type": "FLOAT"}]}, ["70 %", "30 %"]),
        ({"parameters": [{"name": "ratioA", "value": "nonsense", "type": "FLOAT"}]}, ["50 %", "50 %"]),
        ({"type": "COMBINER", "implementation": ""}, []),
    ],
)
def test_a_routers_edges_say_which_branch_they_are(more: Json, labels: list[str]) -> None:
    root = {"name": "ab", "implementation": "RANDOM_ABTEST", "children": [unit("a"), unit("b")], **more}
    if "type" in more:
        del root["implementation"]
    found = drawn(graph(root)).findall(f".//{SVG}text[@class='ig-branch']")
    assert [label.text for label in found] == labels
