"""The box of a unit, and the numbers of its calls."""

from infergraph.declaration import UnitType
from infergraph.servers.picture.card import BOX_PAD
from infergraph.servers.picture.layout import Placed
from infergraph.servers.picture.text import escaped, text_width


def box(placed: Placed) -> str:
    """What a unit looks like; its whole name and all that is said of it are the tooltip."""
    card = placed.card
    calls = [f"call {', '.join(map(str, card.steps))}"] if card.steps else []
    words = [line.text for line in card.lines if line.style != "ig-name"]
    tooltip = "\n".join(map(escaped, [card.unit.name, *words, *calls]))
    return f'<g class="{card.style}"><title>{tooltip}</title>{_outline(placed)}{_words(placed)}</g>'


def _outline(placed: Placed) -> str:
    """A rounded box; a router's points to its children, a combiner's away from them."""
    card, x, y = placed.card, placed.x, placed.y
    right, bottom, middle, tip = x + card.width, y + card.height, placed.middle, card.tip
    if card.type is UnitType.ROUTER:
        corners = [(x, y), (right - tip, y), (right, middle), (right - tip, bottom), (x, bottom)]
    elif card.type is UnitType.COMBINER:
        corners = [(x + tip, y), (right, y), (right, bottom), (x + tip, bottom), (x, middle)]
    else:
        place = f'x="{x:.1f}" y="{y:.1f}" width="{card.width:.1f}" height="{card.height:.1f}"'
        return f'<rect class="ig-box" {place} rx="10"/>'
    return f'<polygon class="ig-box" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in corners)}"/>'


def _words(placed: Placed) -> str:
    lines, card = [], placed.card
    x = placed.x + BOX_PAD + (card.tip if card.type is UnitType.COMBINER else 0.0)
    y = placed.y + 11.0
    for line in card.lines:
        y += line.height
        lines.append(f'<text class="{line.style}" x="{x:.1f}" y="{y - 4.5:.1f}">{escaped(line.text)}</text>')
    return "".join(lines)


def badge(placed: Placed) -> str:
    """The number of the calls of a unit, on the upper edge of its box."""
    if not placed.card.steps:
        return ""
    text = ", ".join(map(str, placed.card.steps))
    width = max(20.0, text_width(text, 11) + 12.0)
    x = placed.x + placed.card.width - placed.card.tip - 12.0 - width
    return (
        f'<g class="{placed.card.style}">'
        f'<rect class="ig-dot" x="{x:.1f}" y="{placed.y - 9:.1f}" width="{width:.1f}" height="18" rx="9"/>'
        f'<text class="ig-step" x="{x + width / 2:.1f}" y="{placed.y + 4:.1f}">{text}</text></g>'
    )
