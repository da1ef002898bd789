"""What the box of a unit says, and how large that makes it."""

import msgspec

from infergraph.declaration import PredictiveUnit, Predictor, UnitType
from infergraph.servers.picture.calls import calls_after, calls_before, note, type_of
from infergraph.servers.picture.line import Line, wrapped

BOX_PAD = 14.0
_TIP, _MIN_BOX = 16.0, 130.0

_STYLES: dict[UnitType, str] = {
    UnitType.MODEL: "ig-model",
    UnitType.TRANSFORMER: "ig-transformer",
    UnitType.OUTPUT_TRANSFORMER: "ig-transformer",
    UnitType.ROUTER: "ig-router",
    UnitType.COMBINER: "ig-combiner",
    UnitType.UNKNOWN_TYPE: "ig-unit",
}


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
        return max(_MIN_BOX, max(line.width for line in self.lines) + 2 * BOX_PAD) + self.tip

    @property
    def height(self) -> float:
        """The height of the box in pixels."""
        return sum(line.height for line in self.lines) + 2 * 11.0


def card_of(unit: PredictiveUnit, predictor: Predictor, start: int) -> tuple[Card, int]:
    """The card of a unit whose first call is number ``start``, and the number after its last."""
    unit_type = type_of(unit)
    has_children = bool(unit.children)
    steps: list[int] = []
    before, after = calls_before(unit, unit_type), calls_after(unit, unit_type)
    for _ in range(before):
        steps.append(start + len(steps))
    built = [card_of(child, predictor, start + before) for child in unit.children]
    end = max([start + before, *(child_end for _, child_end in built)])
    steps += range(end, end + after)
    lines = _lines(unit, unit_type, _code(unit, predictor))
    children = tuple(child for child, _ in built)
    return Card(unit, unit_type, lines, tuple(steps), bool(after and has_children), children), end + after


def _code(unit: PredictiveUnit, predictor: Predictor) -> str:
    """What runs behind a unit: a server or built-in, a Python class, or an image."""
    if unit.has_implementation:
        return unit.implementation
    python_class, container = unit.parameter("python_class"), predictor.container(unit.name)
    return (python_class.value if python_class else "") or (container.image if container else "")


def _lines(unit: PredictiveUnit, unit_type: UnitType, code: str) -> tuple[Line, ...]:
    kind = "unit" if unit_type is UnitType.UNKNOWN_TYPE else unit_type.value.replace("_", " ").lower()
    return (
        *wrapped(unit.name, "ig-name", 14, 19.0),
        *wrapped(kind.upper(), "ig-kind", 11.6, 17.0),
        *wrapped(note(unit, unit_type), "ig-note", 12, 17.0),
        *wrapped(code, "ig-code", 12, 17.0),
    )
