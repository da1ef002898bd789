"""The lines on which requests travel, and what stands on them."""

from infergraph.declaration import PredictiveUnit, UnitType
from infergraph.servers.picture.layout import GAP_X, PAD, Placed
from infergraph.servers.picture.text import text_width


def entry(tree: Placed) -> str:
    """Where requests come in."""
    start, end = PAD + 5.0, tree.x - 2.0
    return (
        f'<circle class="ig-arrow" cx="{start}" cy="{tree.middle:.1f}" r="5"/>'
        f'<path class="ig-edge" d="M{start} {tree.middle:.1f}H{end - 6:.1f}"/>{_arrow(end, tree.middle, 1)}'
    )


def edges(placed: Placed) -> str:
    """The lines from a unit to its children, and an arrow back to a unit that waits for their answers."""
    card = placed.card
    style = "ig-edge ig-choice" if card.type is UnitType.ROUTER else "ig-edge"
    back = _arrow(placed.x + card.width + 2.0, placed.middle, -1) if card.waits else ""
    return back + "".join(
        _edge(placed, child, style) + _label(child, _branch(card.unit, number, card.type))
        for number, child in enumerate(placed.children)
    )


def _arrow(x: float, y: float, direction: int) -> str:
    back = x - 9.0 * direction
    return f'<polygon class="ig-arrow" points="{x:.1f},{y:.1f} {back:.1f},{y - 5:.1f} {back:.1f},{y + 5:.1f}"/>'


def _edge(parent: Placed, child: Placed, style: str) -> str:
    """Along a line that all children share, with round corners, then straight into the child."""
    start, line, end = parent.x + parent.card.width, child.x - GAP_X + 34.0, child.x - 2.0
    start += 6.0 if parent.card.waits else 0.0
    rise = child.middle - parent.middle
    corner = max(-10.0, min(10.0, rise / 2))
    path = (
        f"M{start:.1f} {parent.middle:.1f}H{line - abs(corner):.1f}q{abs(corner):.1f} 0 {abs(corner):.1f} {corner:.1f}"
        f"V{child.middle - corner:.1f}q0 {corner:.1f} {abs(corner):.1f} {corner:.1f}H{end - 6:.1f}"
    )
    return f'<path class="{style}" d="{path}"/>{_arrow(end, child.middle, 1)}'


def _branch(unit: PredictiveUnit, number: int, unit_type: UnitType) -> str:
    """What a router's edge says: the number of the branch, or how likely it is taken."""
    if unit_type is not UnitType.ROUTER:
        return ""
    if unit.implementation != "RANDOM_ABTEST" or number > 1:
        return str(number)
    ratio = unit.parameter("ratioA")
    first = _ratio(ratio.value) if ratio else 0.5
    return f"{100 * (first if number == 0 else 1 - first):.4g} %"


def _ratio(value: str) -> float:
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.5


def _label(child: Placed, text: str) -> str:
    if not text:
        return ""
    width = text_width(text, 11) + 12.0
    x = child.x - 12.0 - width
    return (
        f'<rect class="ig-label" x="{x:.1f}" y="{child.middle - 9:.1f}" width="{width:.1f}" height="18" rx="9"/>'
        f'<text class="ig-branch" x="{x + width / 2:.1f}" y="{child.middle + 4:.1f}">{text}</text>'
    )
