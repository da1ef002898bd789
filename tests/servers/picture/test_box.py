"""The shapes of the units."""

from tests.servers.picture.drawing import SVG, drawn, graph, unit


def test_routers_and_combiners_have_shapes_of_their_own() -> None:
    root = drawn(graph(unit("r", "ROUTER", unit("c", "COMBINER", unit("m")))))
    shapes = [(group.get("class"), group.find("*[@class='ig-box']")) for group in root.iter(f"{SVG}g")]
    tags = {style: shape.tag.removeprefix(SVG) for style, shape in shapes if shape is not None}
    assert tags == {"ig-router": "polygon", "ig-combiner": "polygon", "ig-model": "rect"}
