"""The picture of a deployment: what it says, and that nothing overlaps or escapes."""

import itertools
import re
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infergraph.declaration import SeldonDeployment
from infergraph.servers.picture import graph_svg

Json = dict[str, Any]
Rectangle = tuple[float, float, float, float]
SVG = "{http://www.w3.org/2000/svg}"


def unit(name: str, unit_type: str | None = None, *children: Json, **more: Any) -> Json:
    return {"name": name, "type": unit_type, "children": list(children), **more}


def graph(root: Json) -> SeldonDeployment:
    return deployment({"name": "main", "graph": root})


def deployment(*predictors: Json, name: str = "iris") -> SeldonDeployment:
    return msgspec.convert({"metadata": {"name": name}, "spec": {"predictors": predictors}}, SeldonDeployment)


def drawn(deployment: SeldonDeployment) -> ET.Element:
    return ET.fromstring(graph_svg(deployment))


def said(deployment: SeldonDeployment) -> dict[str, list[str]]:
    """What each unit's tooltip says: name, then its lines."""
    titles = drawn(deployment).findall(f".//{SVG}g/{SVG}title")
    lines = [(title.text or "").split("\n") for title in titles]
    return {name: rest for name, *rest in lines}


def texts(deployment: SeldonDeployment) -> list[str]:
    return [text.text or "" for text in drawn(deployment).iter(f"{SVG}text")]


def boxes(root: ET.Element) -> list[list[Rectangle]]:
    """The corners of the boxes of each predictor: left, top, right, bottom."""
    groups = [group for group in root.iter(f"{SVG}g") if group.get("transform")]
    return [[_corners(box) for box in group.iter() if box.get("class") == "ig-box"] for group in groups]


def _corners(box: ET.Element) -> Rectangle:
    if points := box.get("points"):
        places = [tuple(map(float, point.split(","))) for point in points.split()]
        xs, ys = [place[0] for place in places], [place[1] for place in places]
        return min(xs), min(ys), max(xs), max(ys)
    x, y, width, height = (float(box.get(name, "")) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_a_single_model() -> None:
    iris = graph(unit("classifier", implementation="SKLEARN_SERVER"))
    root = drawn(iris)
    assert root.get("role") == "img"
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    assert root.findtext(f"{SVG}title") == "The inference graph of default/iris"
    expected = ["default/iris", "main", "100 % of the traffic", "classifier", "MODEL", "SKLEARN_SERVER"]
    assert texts(iris) == expected  # and no number on the only call


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


def test_predictors_show_their_share_of_the_traffic() -> None:
    canary = deployment(
        {"name": "main", "graph": unit("m"), "traffic": 75},
        {"name": "canary", "graph": unit("m"), "traffic": 25},
        {"name": "next", "graph": unit("m"), "traffic": 20, "shadow": True},
    )
    shares = [text for text in texts(canary) if "%" in text]
    assert shares == [
        "75 % of the traffic",
        "25 % of the traffic",
        "shadow: a copy of 20 % of the traffic; its answers are dropped",
    ]
    assert [rect.get("width") for rect in drawn(canary).iter() if rect.get("class") == "ig-share"] == [
        "120.0",
        "40.0",
        "32.0",
    ]


def test_a_shadow_beside_one_predictor_gets_everything_unless_it_says_less() -> None:
    both = deployment({"name": "main", "graph": unit("m")}, {"name": "next", "graph": unit("m"), "shadow": True})
    assert "100 % of the traffic" in texts(both)
    assert "shadow: a copy of 100 % of the traffic; its answers are dropped" in texts(both)


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


def test_routers_and_combiners_have_shapes_of_their_own() -> None:
    root = drawn(graph(unit("r", "ROUTER", unit("c", "COMBINER", unit("m")))))
    shapes = [(group.get("class"), group.find("*[@class='ig-box']")) for group in root.iter(f"{SVG}g")]
    tags = {style: shape.tag.removeprefix(SVG) for style, shape in shapes if shape is not None}
    assert tags == {"ig-router": "polygon", "ig-combiner": "polygon", "ig-model": "rect"}


HOSTILE = "<script>alert(1)</script>&\"'\x00\x1b\u202e\ud800"


def test_hostile_names_are_text() -> None:
    hostile = unit(HOSTILE, "MODEL", parameters=[{"name": "python_class", "value": HOSTILE, "type": "STRING"}])
    svg = graph_svg(deployment({"name": HOSTILE, "graph": hostile}, name=HOSTILE))
    tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(svg).iter()}
    assert tags == {"svg", "title", "style", "rect", "text", "g", "circle", "path", "polygon"}
    assert "\u202e" not in svg


def test_long_names_are_broken_into_lines_and_whole_in_the_tooltip() -> None:
    name = "a-rather-long-name-that-somebody-generated-from-a-branch-123"
    long = graph(unit(name))
    rows = [text.text or "" for text in drawn(long).findall(f".//{SVG}text[@class='ig-name']")]
    assert len(rows) > 1
    assert "".join(rows) == name
    assert name in said(long)


def test_a_name_without_end_is_cut() -> None:
    rows = drawn(graph(unit("n" * 10_000))).findall(f".//{SVG}text[@class='ig-name']")
    assert len(rows) == 4
    assert (rows[-1].text or "").endswith("…")


def test_many_children_are_one_column() -> None:
    root = drawn(graph(unit("all", "COMBINER", *(unit(f"m{number}") for number in range(30)))))
    (found,) = boxes(root)
    lefts = sorted({box[0] for box in found})
    assert len(found) == 31
    assert len(lefts) == 2


def test_the_same_deployment_gives_the_same_picture() -> None:
    tree = unit("r", "ROUTER", unit("a"), unit("b", "COMBINER", unit("c")))
    assert graph_svg(graph(tree)) == graph_svg(graph(tree))


NAMES = st.text(max_size=80) | st.sampled_from(["classifier", "W" * 63, "i" * 63, "模型" * 30])
TYPES = st.sampled_from([None, "MODEL", "ROUTER", "COMBINER", "TRANSFORMER", "OUTPUT_TRANSFORMER", "UNKNOWN_TYPE"])
TREES = st.recursive(
    st.builds(unit, NAMES, TYPES),
    lambda trees: st.builds(
        lambda name, unit_type, children: unit(name, unit_type, *children), NAMES, TYPES, st.lists(trees, max_size=5)
    ),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(lambda name, root: {"name": name, "graph": root}, NAMES, TREES), min_size=1, max_size=3))
def test_no_box_overlaps_another_or_leaves_its_band(predictors: list[Json]) -> None:
    root = drawn(deployment(*predictors))
    bands = [band for band in root.iter(f"{SVG}rect") if band.get("class") in ("ig-band", "ig-shadow")]
    moves = [str(group.get("transform")) for group in root.iter(f"{SVG}g") if group.get("transform")]
    for band, move, found in zip(bands, moves, boxes(root), strict=True):
        left, top, right, bottom = _corners(band)
        dx, dy = map(float, re.findall(r"[\d.]+", move))
        assert not any(_overlap(one, other) for one, other in itertools.combinations(found, 2))
        assert all(left < x + dx and z + dx < right and top < y + dy and w + dy < bottom for x, y, z, w in found)
    assert not any(_overlap(_corners(one), _corners(other)) for one, other in itertools.combinations(bands, 2))
