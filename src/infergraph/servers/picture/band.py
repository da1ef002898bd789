"""A predictor: its name, its share of the traffic, and its tree."""

import re

from infergraph.declaration import Predictor, SeldonDeployment
from infergraph.servers.picture.box import badge, box
from infergraph.servers.picture.edge import edges, entry
from infergraph.servers.picture.layout import PAD, Placed
from infergraph.servers.picture.text import clipped, escaped, text_width

MARGIN, HEADER = 24.0, 72.0


def shares(deployment: SeldonDeployment) -> list[str]:
    """What each predictor gets of the traffic, in words."""
    predictors = deployment.spec.predictors
    is_alone = sum(not predictor.shadow for predictor in predictors) == 1
    return [_share(predictor, is_alone=is_alone) for predictor in predictors]


def _share(predictor: Predictor, *, is_alone: bool) -> str:
    if predictor.shadow:
        return f"shadow: a copy of {predictor.traffic or 100} % of the traffic; its answers are dropped"
    return f"{100 if is_alone else predictor.traffic or 0} % of the traffic"


def _percent(share: str) -> float:
    found = re.search(r"(\d+) %", share)
    return min(100.0, float(found.group(1))) if found else 0.0


def band_width(share: str, tree: Placed) -> float:
    """How many pixels wide a predictor has to be for its tree and its words."""
    boxes = max(placed.x + placed.card.width for placed in tree.walk())
    return max(boxes + PAD, text_width(share, 12) + 240.0, 640.0)


def band(predictor: Predictor, share: str, tree: Placed, top: float, width: float, height: float) -> str:
    """A predictor in a rectangle of its own, ``top`` pixels below the picture's upper edge."""
    style = "ig-shadow" if predictor.shadow else "ig-band"
    bar = f'y="{top + 40}" height="5" rx="2.5"'
    return (
        f'<g><rect class="{style}" x="{MARGIN}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" rx="12"/>'
        f'<text class="ig-head" x="{MARGIN + PAD}" y="{top + 28}">{escaped(clipped(predictor.name, 48))}</text>'
        f'<rect class="ig-track" x="{MARGIN + PAD}" width="160" {bar}/>'
        f'<rect class="ig-share" x="{MARGIN + PAD}" width="{1.6 * _percent(share):.1f}" {bar}/>'
        f'<text class="ig-note" x="{MARGIN + PAD + 172}" y="{top + 47}">{escaped(share)}</text>'
        f'<g transform="translate({MARGIN} {top + HEADER:.1f})">{entry(tree)}{_drawn(tree)}</g></g>'
    )


def _drawn(tree: Placed) -> str:
    """Edges first, so that boxes and labels lie on them. A single call needs no number."""
    placed = list(tree.walk())
    badges = map(badge, placed) if sum(len(each.card.steps) for each in placed) > 1 else ()
    return "".join([*map(edges, placed), *map(box, placed), *badges])
