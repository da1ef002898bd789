"""A deployment drawn as one SVG: every predictor a band, its units a tree from left to right.

A reader sees who is called when: the numbers on the boxes are the order of the calls, a router and a combiner have
shapes of their own, and an arrow back to a parent says that this parent waits for its children's answers.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from html import escape
from itertools import accumulate

import msgspec

from infergraph.declaration import Method, PredictiveUnit, Predictor, SeldonDeployment, UnitType

_MARGIN, _PAD, _HEADER = 24.0, 20.0, 72.0
_GAP_X, _GAP_Y, _ENTRY = 112.0, 22.0, 46.0
_BOX_PAD, _TIP, _MIN_BOX, _MAX_TEXT = 14.0, 16.0, 130.0, 250.0

_BUILT_IN_TYPES: dict[str, UnitType] = {
    "SIMPLE_MODEL": UnitType.MODEL,
    "SIMPLE_ROUTER": UnitType.ROUTER,
    "RANDOM_ABTEST": UnitType.ROUTER,
    "AVERAGE_COMBINER": UnitType.COMBINER,
}

# What XML 1.0 cannot hold, and what turns the direction of the text after it.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")

_STYLES: dict[UnitType, str] = {
    UnitType.MODEL: "ig-model",
    UnitType.TRANSFORMER: "ig-transformer",
    UnitType.OUTPUT_TRANSFORMER: "ig-transformer",
    UnitType.ROUTER: "ig-router",
    UnitType.COMBINER: "ig-combiner",
    UnitType.UNKNOWN_TYPE: "ig-unit",
}

_LIGHT = """
.ig-picture text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.ig-picture .ig-code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.ig-picture .ig-title{font-size:20px;font-weight:700;fill:#0f172a}
.ig-picture .ig-head{font-size:16px;font-weight:700;fill:#0f172a}
.ig-picture .ig-name{font-size:14px;font-weight:700;fill:#0f172a}
.ig-picture .ig-kind{font-size:11px;font-weight:700;letter-spacing:.04em}
.ig-picture .ig-note,.ig-picture .ig-code{font-size:12px;fill:#475569}
.ig-picture .ig-step,.ig-picture .ig-branch{font-size:11px;font-weight:700;text-anchor:middle}
.ig-picture .ig-ground{fill:#f1f5f9}.ig-picture .ig-band{fill:#fff;stroke:#cbd5e1}
.ig-picture .ig-shadow{fill:#f8fafc;stroke:#64748b;stroke-dasharray:7 5}
.ig-picture .ig-track{fill:#e2e8f0}.ig-picture .ig-share{fill:#2563eb}
.ig-picture .ig-edge{fill:none;stroke:#64748b;stroke-width:1.6}.ig-picture .ig-choice{stroke-dasharray:5 4}
.ig-picture .ig-arrow{fill:#64748b}.ig-picture .ig-branch{fill:#334155}
.ig-picture .ig-label{fill:#fff;stroke:#cbd5e1}.ig-picture .ig-step{fill:#fff}
.ig-picture .ig-box{stroke-width:1.6;stroke-linejoin:round}
.ig-model .ig-box{fill:#eaf2ff;stroke:#2563eb}.ig-model .ig-kind,.ig-model .ig-dot{fill:#1d4ed8}
.ig-transformer .ig-box{fill:#e7f8f0;stroke:#0d8a5f}.ig-transformer .ig-kind,.ig-transformer .ig-dot{fill:#08704b}
.ig-router .ig-box{fill:#fff4dd;stroke:#c2670a}.ig-router .ig-kind,.ig-router .ig-dot{fill:#9a4b04}
.ig-combiner .ig-box{fill:#f4edff;stroke:#7c3aed}.ig-combiner .ig-kind,.ig-combiner .ig-dot{fill:#6d28d9}
.ig-unit .ig-box{fill:#f1f5f9;stroke:#64748b}.ig-unit .ig-kind,.ig-unit .ig-dot{fill:#475569}
"""
_DARK = """
.ig-picture .ig-title,.ig-picture .ig-head,.ig-picture .ig-name{fill:#f1f5f9}
.ig-picture .ig-note,.ig-picture .ig-code{fill:#b6c2d2}
.ig-picture .ig-ground{fill:#0b1220}.ig-picture .ig-band{fill:#131c2e;stroke:#334155}
.ig-picture .ig-shadow{fill:#0f1727;stroke:#7c8ba1}
.ig-picture .ig-track{fill:#334155}.ig-picture .ig-share{fill:#60a5fa}
.ig-picture .ig-edge{stroke:#94a3b8}.ig-picture .ig-arrow{fill:#94a3b8}.ig-picture .ig-branch{fill:#e2e8f0}
.ig-picture .ig-label{fill:#1e293b;stroke:#475569}.ig-picture .ig-step{fill:#0b1220}
.ig-model .ig-box{fill:#15294d;stroke:#60a5fa}.ig-model .ig-kind,.ig-model .ig-dot{fill:#93c5fd}
.ig-transformer .ig-box{fill:#0e3529;stroke:#34d399}.ig-transformer .ig-kind,.ig-transformer .ig-dot{fill:#6ee7b7}
.ig-router .ig-box{fill:#3d2a0c;stroke:#f59e0b}.ig-router .ig-kind,.ig-router .ig-dot{fill:#fcd34d}
.ig-combiner .ig-box{fill:#2d1d52;stroke:#a78bfa}.ig-combiner .ig-kind,.ig-combiner .ig-dot{fill:#c4b5fd}
.ig-unit .ig-box{fill:#1e293b;stroke:#94a3b8}.ig-unit .ig-kind,.ig-unit .ig-dot{fill:#cbd5e1}
"""
STYLE = f"{_LIGHT}@media (prefers-color-scheme:dark){{{_DARK}}}\n"
"""The picture's style sheet, the same in every picture, so that a page can allow it by its hash."""


class Line(msgspec.Struct, frozen=True):
    """One line of text in a box: the class that styles it, and its height and width in pixels."""

    text: str
    style: str
    height: float
    width: float


class Card(msgspec.Struct, frozen=True):
    """A unit ready to be drawn: what its box says, when it is called (its steps), and its children."""

    unit: PredictiveUnit
    type: UnitType
    lines: tuple[Line, ...]
    steps: tuple[int, ...]
    waits: bool
    children: tuple["Card", ...]

    @property
    def style(self) -> str:
        """The class that colours it."""
        return _STYLES[self.type]

    @property
    def tip(self) -> float:
        """How far the box of a router or combiner is pointed, in pixels."""
        return _TIP if self.type in (UnitType.ROUTER, UnitType.COMBINER) else 0.0

    @property
    def width(self) -> float:
        """The width of the box in pixels."""
        return max(_MIN_BOX, max(line.width for line in self.lines) + 2 * _BOX_PAD) + self.tip

    @property
    def height(self) -> float:
        """The height of the box in pixels."""
        return sum(line.height for line in self.lines) + 2 * 11.0


class Placed(msgspec.Struct, frozen=True):
    """A card with the top left corner of its box, and its placed children."""

    card: Card
    x: float
    y: float
    children: tuple["Placed", ...]

    @property
    def middle(self) -> float:
        """The height at which edges arrive and leave."""
        return self.y + self.card.height / 2

    def walk(self) -> Iterator["Placed"]:
        """This one and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


def graph_svg(deployment: SeldonDeployment) -> str:
    """Return the picture of a deployment, a whole ``<svg>`` element; the same deployment gives the same text.

    Names are escaped, and broken into lines where they are long; the full name is the box's tooltip.
    """
    cards = [_card(predictor.graph, predictor, 1)[0] for predictor in deployment.spec.predictors]
    placed = [_placed_tree(card) for card in cards]
    title = _clipped(f"{deployment.namespace}/{deployment.name}", 64)
    width = max(
        [_text_width(title, 20), *(_band_width(p, t) for p, t in zip(_shares(deployment), placed, strict=True))]
    )
    top, bands = _MARGIN + 40.0, []
    for share, predictor, tree in zip(_shares(deployment), deployment.spec.predictors, placed, strict=True):
        height = _HEADER + _tree_height(tree.card) + _PAD
        bands.append(_band(predictor, share, tree, top, width, height))
        top += height + 18.0
    full = f"{deployment.namespace}/{deployment.name}"
    return _document(full, title, width + 2 * _MARGIN, top - 18.0 + _MARGIN, "".join(bands))


def _document(full: str, title: str, width: float, height: float, bands: str) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ig-picture" role="img" {size}>'
        f"<title>The inference graph of {_text(full)}</title><style>{STYLE}</style>"
        f'<rect class="ig-ground" width="{width:.0f}" height="{height:.0f}" rx="14"/>'
        f'<text class="ig-title" x="{_MARGIN}" y="{_MARGIN + 18}">{_text(title)}</text>{bands}</svg>\n'
    )


# Predictors


def _shares(deployment: SeldonDeployment) -> list[str]:
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


def _band_width(share: str, tree: Placed) -> float:
    boxes = max(placed.x + placed.card.width for placed in tree.walk())
    return max(boxes + _PAD, _text_width(share, 12) + 240.0, 640.0)


def _band(predictor: Predictor, share: str, tree: Placed, top: float, width: float, height: float) -> str:
    style = "ig-shadow" if predictor.shadow else "ig-band"
    bar = f'y="{top + 40}" height="5" rx="2.5"'
    return (
        f'<g><rect class="{style}" x="{_MARGIN}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" rx="12"/>'
        f'<text class="ig-head" x="{_MARGIN + _PAD}" y="{top + 28}">{_text(_clipped(predictor.name, 48))}</text>'
        f'<rect class="ig-track" x="{_MARGIN + _PAD}" width="160" {bar}/>'
        f'<rect class="ig-share" x="{_MARGIN + _PAD}" width="{1.6 * _percent(share):.1f}" {bar}/>'
        f'<text class="ig-note" x="{_MARGIN + _PAD + 172}" y="{top + 47}">{_text(share)}</text>'
        f'<g transform="translate({_MARGIN} {top + _HEADER:.1f})">{_entry(tree)}{_drawn(tree)}</g></g>'
    )


def _drawn(tree: Placed) -> str:
    """Edges first, so that boxes and labels lie on them. A single call needs no number."""
    placed = list(tree.walk())
    badges = map(_badge, placed) if sum(len(each.card.steps) for each in placed) > 1 else ()
    return "".join([*map(_edges, placed), *map(_box, placed), *badges])


# Units: what a box says


def _card(unit: PredictiveUnit, predictor: Predictor, start: int) -> tuple[Card, int]:
    """The card of a unit whose first call is number ``start``, and the number after its last."""
    unit_type = _type(unit)
    has_children = bool(unit.children)
    steps: list[int] = []
    before, after = _before(unit, unit_type), _after(unit, unit_type)
    for _ in range(before):
        steps.append(start + len(steps))
    built = [_card(child, predictor, start + before) for child in unit.children]
    end = max([start + before, *(child_end for _, child_end in built)])
    steps += range(end, end + after)
    lines = _lines(unit, unit_type, _code(unit, predictor))
    children = tuple(child for child, _ in built)
    return Card(unit, unit_type, lines, tuple(steps), bool(after and has_children), children), end + after


def _type(unit: PredictiveUnit) -> UnitType:
    """What a unit is, foremost: by its type, its built-in implementation or its methods (SELDON_V1 §1.5, §3.2)."""
    if unit.is_prepackaged:
        return UnitType.MODEL
    if unit.type is not None and unit.type is not UnitType.UNKNOWN_TYPE:
        return unit.type
    if unit.implementation in _BUILT_IN_TYPES:
        return _BUILT_IN_TYPES[unit.implementation]
    by_method = {
        Method.ROUTE: UnitType.ROUTER,
        Method.AGGREGATE: UnitType.COMBINER,
        Method.TRANSFORM_INPUT: UnitType.TRANSFORMER,
        Method.TRANSFORM_OUTPUT: UnitType.OUTPUT_TRANSFORMER,
    }
    is_silent = not (unit.type or unit.methods or unit.implementation)
    unknown = UnitType.MODEL if is_silent else UnitType.UNKNOWN_TYPE
    return next((found for method, found in by_method.items() if unit.has_method(method)), unknown)


def _does(unit: PredictiveUnit, unit_type: UnitType, role: UnitType, method: Method) -> bool:
    return unit_type is role or unit.has_method(method)


def _before(unit: PredictiveUnit, unit_type: UnitType) -> int:
    """How often a unit is called before its children (SELDON_V1 §3.2): for its input, and to choose a child."""
    is_input = unit_type is UnitType.MODEL or _does(unit, unit_type, UnitType.TRANSFORMER, Method.TRANSFORM_INPUT)
    return is_input + bool(unit.children and _does(unit, unit_type, UnitType.ROUTER, Method.ROUTE))


def _after(unit: PredictiveUnit, unit_type: UnitType) -> int:
    """How often a unit is called after its children: to combine their answers, and for its output."""
    is_output = _does(unit, unit_type, UnitType.OUTPUT_TRANSFORMER, Method.TRANSFORM_OUTPUT)
    return is_output + bool(unit.children and _does(unit, unit_type, UnitType.COMBINER, Method.AGGREGATE))


def _note(unit: PredictiveUnit, unit_type: UnitType) -> str:
    """When a unit is called, for a reader who does not know the rules of SELDON_V1 §3.2."""
    before, after = _before(unit, unit_type), _after(unit, unit_type)
    if not unit.children:
        return "" if before or after else "never called: it has no children"
    child = "child" if len(unit.children) == 1 else "children"
    if _does(unit, unit_type, UnitType.ROUTER, Method.ROUTE):
        return f"picks a child{', then after it' if after else ''}"
    if not before and not after:
        words = "passes requests on"
    else:
        words = f"{' and '.join(['before'] * bool(before) + ['after'] * bool(after))} its {child}"
    is_alone = len(unit.children) == 1 or _does(unit, unit_type, UnitType.COMBINER, Method.AGGREGATE)
    return words if is_alone else f"{words}; the first child's answer counts"


def _code(unit: PredictiveUnit, predictor: Predictor) -> str:
    """What runs behind a unit: a server or built-in, a Python class, or an image."""
    if unit.has_implementation:
        return unit.implementation
    python_class, container = unit.parameter("python_class"), predictor.container(unit.name)
    return (python_class.value if python_class else "") or (container.image if container else "")


def _lines(unit: PredictiveUnit, unit_type: UnitType, code: str) -> tuple[Line, ...]:
    kind = "unit" if unit_type is UnitType.UNKNOWN_TYPE else unit_type.value.replace("_", " ").lower()
    return (
        *_wrapped(unit.name, "ig-name", 14, 19.0),
        *_wrapped(kind.upper(), "ig-kind", 11.6, 17.0),
        *_wrapped(_note(unit, unit_type), "ig-note", 12, 17.0),
        *_wrapped(code, "ig-code", 12, 17.0),
    )


# Text: how wide it is, and what fits


def _em(char: str) -> float:
    """A width in em that the usual sans-serif and monospace fonts stay under, bold ones too."""
    if unicodedata.combining(char):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF" or char in "mwMW@%—":
        return 1.15
    if char.isupper() or char in "_&#+=<>~":
        return 0.82
    return 0.45 if char in "ijl.,:;'|!I-() " else 0.7 if char.isascii() else 0.9


def _text_width(text: str, size: float) -> float:
    return sum(map(_em, text)) * size


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _wrapped(text: str, style: str, size: float, height: float, most: int = 4) -> Iterator[Line]:
    """The text on as many lines as it needs, at most ``most``; the last one ends in … when there is more."""
    pieces = re.findall(r"[^-_./:\s]*[-_./:\s]?", _clipped(_UNPRINTABLE.sub("\ufffd", text), 400))
    rows = list(_filled([piece for piece in pieces if piece], size))
    if len(rows) > most:
        rows = [*rows[: most - 1], f"{rows[most - 1][:-1]}…"]
    for row in map(str.rstrip, rows):
        yield Line(row, style, height, _text_width(row, size))


def _filled(pieces: Sequence[str], size: float) -> Iterator[str]:
    row = ""
    for piece in pieces:
        if row and _text_width(row + piece, size) > _MAX_TEXT:
            yield row
            row = ""
        for char in piece:  # a piece that is too wide for a line of its own is cut anywhere
            if row and _text_width(row + char, size) > _MAX_TEXT:
                yield row
                row = ""
            row += char
    if row:
        yield row


def _text(text: str) -> str:
    return escape(_UNPRINTABLE.sub("\ufffd", text))


# Layout: columns by depth; each subtree has a strip of its own, so that nothing overlaps


def _placed_tree(root: Card) -> Placed:
    widths = list(_column_widths([root]))
    lefts = list(accumulate((width + _GAP_X for width in widths), initial=_PAD + _ENTRY))
    return _place(root, lefts, 0, 0.0)


def _column_widths(level: Sequence[Card]) -> Iterator[float]:
    while level:
        yield max(card.width for card in level)
        level = [child for card in level for child in card.children]


def _tree_height(card: Card) -> float:
    below = sum(_tree_height(child) + _GAP_Y for child in card.children) - _GAP_Y
    return max(card.height, below)


def _place(card: Card, lefts: Sequence[float], depth: int, top: float) -> Placed:
    height = _tree_height(card)
    below = sum(_tree_height(child) + _GAP_Y for child in card.children) - _GAP_Y
    child_tops = accumulate((_tree_height(c) + _GAP_Y for c in card.children), initial=top + (height - below) / 2)
    children = tuple(
        _place(child, lefts, depth + 1, child_top) for child, child_top in zip(card.children, child_tops, strict=False)
    )
    return Placed(card, lefts[depth], top + (height - card.height) / 2, children)


# Shapes


def _box(placed: Placed) -> str:
    card = placed.card
    calls = [f"call {', '.join(map(str, card.steps))}"] if card.steps else []
    words = [line.text for line in card.lines if line.style != "ig-name"]
    tooltip = "\n".join(map(_text, [card.unit.name, *words, *calls]))
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
    x = placed.x + _BOX_PAD + (card.tip if card.type is UnitType.COMBINER else 0.0)
    y = placed.y + 11.0
    for line in card.lines:
        y += line.height
        lines.append(f'<text class="{line.style}" x="{x:.1f}" y="{y - 4.5:.1f}">{_text(line.text)}</text>')
    return "".join(lines)


def _badge(placed: Placed) -> str:
    """The number of the calls of a unit, on the upper edge of its box."""
    if not placed.card.steps:
        return ""
    text = ", ".join(map(str, placed.card.steps))
    width = max(20.0, _text_width(text, 11) + 12.0)
    x = placed.x + placed.card.width - placed.card.tip - 12.0 - width
    return (
        f'<g class="{placed.card.style}">'
        f'<rect class="ig-dot" x="{x:.1f}" y="{placed.y - 9:.1f}" width="{width:.1f}" height="18" rx="9"/>'
        f'<text class="ig-step" x="{x + width / 2:.1f}" y="{placed.y + 4:.1f}">{text}</text></g>'
    )


def _entry(tree: Placed) -> str:
    """Where requests come in."""
    start, end = _PAD + 5.0, tree.x - 2.0
    return (
        f'<circle class="ig-arrow" cx="{start}" cy="{tree.middle:.1f}" r="5"/>'
        f'<path class="ig-edge" d="M{start} {tree.middle:.1f}H{end - 6:.1f}"/>{_arrow(end, tree.middle, 1)}'
    )


def _arrow(x: float, y: float, direction: int) -> str:
    back = x - 9.0 * direction
    return f'<polygon class="ig-arrow" points="{x:.1f},{y:.1f} {back:.1f},{y - 5:.1f} {back:.1f},{y + 5:.1f}"/>'


def _edges(placed: Placed) -> str:
    card = placed.card
    style = "ig-edge ig-choice" if card.type is UnitType.ROUTER else "ig-edge"
    back = _arrow(placed.x + card.width + 2.0, placed.middle, -1) if card.waits else ""
    return back + "".join(
        _edge(placed, child, style) + _label(child, _branch(card.unit, number, card.type))
        for number, child in enumerate(placed.children)
    )


def _edge(parent: Placed, child: Placed, style: str) -> str:
    """Along a line that all children share, with round corners, then straight into the child."""
    start, line, end = parent.x + parent.card.width, child.x - _GAP_X + 34.0, child.x - 2.0
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
    width = _text_width(text, 11) + 12.0
    x = child.x - 12.0 - width
    return (
        f'<rect class="ig-label" x="{x:.1f}" y="{child.middle - 9:.1f}" width="{width:.1f}" height="18" rx="9"/>'
        f'<text class="ig-branch" x="{x + width / 2:.1f}" y="{child.middle + 4:.1f}">{text}</text>'
    )
