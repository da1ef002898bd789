"""Nothing overlaps or leaves its place."""

import itertools
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.servers.picture.drawing import SVG, Json, Rectangle, boxes, corners, deployment, drawn, graph, unit


def test_many_children_are_one_column() -> None:
    root = drawn(graph(unit("all", "COMBINER", *(unit(f"m{number}") for number in range(30)))))
    (found,) = boxes(root)
    lefts = sorted({box[0] for box in found})
    assert len(found) == 31
    assert len(lefts) == 2


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
        left, top, right, bottom = corners(band)
        dx, dy = map(float, re.findall(r"[\d.]+", move))
        assert not any(_overlap(one, other) for one, other in itertools.combinations(found, 2))
        assert all(left < x + dx and z + dx < right and top < y + dy and w + dy < bottom for x, y, z, w in found)
    assert not any(_overlap(corners(one), corners(other)) for one, other in itertools.combinations(bands, 2))


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
