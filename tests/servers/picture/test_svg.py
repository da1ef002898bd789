"""The picture as a whole: what it says, and that nothing escapes."""

from xml.etree import ElementTree as ET

from infergraph.servers.picture import graph_svg
from tests.servers.picture.drawing import SVG, deployment, drawn, graph, texts, unit


def test_a_single_model() -> None:
    iris = graph(unit("classifier", implementation="SKLEARN_SERVER"))
    root = drawn(iris)
    assert root.get("role") == "img"
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    assert root.findtext(f"{SVG}title") == "The inference graph of default/iris"
    expected = ["default/iris", "main", "100 % of the traffic", "classifier", "MODEL", "SKLEARN_SERVER"]
    assert texts(iris) == expected  # and no number on the only call


HOSTILE = "<script>alert(1)</script>&\"'\x00\x1b\u202e\ud800"


def test_hostile_names_are_text() -> None:
    hostile = unit(HOSTILE, "MODEL", parameters=[{"name": "python_class", "value": HOSTILE, "type": "STRING"}])
    svg = graph_svg(deployment({"name": HOSTILE, "graph": hostile}, name=HOSTILE))
    tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(svg).iter()}
    assert tags == {"svg", "title", "style", "rect", "text", "g", "circle", "path", "polygon"}
    assert "\u202e" not in svg


def test_the_same_deployment_gives_the_same_picture() -> None:
    tree = unit("r", "ROUTER", unit("a"), unit("b", "COMBINER", unit("c")))
    assert graph_svg(graph(tree)) == graph_svg(graph(tree))
