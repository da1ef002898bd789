"""Deployments for the tests of the picture, written short, and what their pictures say and hold."""

from typing import Any
from xml.etree import ElementTree as ET

import msgspec

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
    return [[corners(box) for box in group.iter() if box.get("class") == "ig-box"] for group in groups]


def corners(box: ET.Element) -> Rectangle:
    """Left, top, right and bottom of a rectangle or a polygon."""
    if points := box.get("points"):
        places = [tuple(map(float, point.split(","))) for point in points.split()]
        xs, ys = [place[0] for place in places], [place[1] for place in places]
        return min(xs), min(ys), max(xs), max(ys)
    x, y, width, height = (float(box.get(name, "")) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height
