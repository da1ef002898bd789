"""One feature or target of a contract: which values it may have."""

import math
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Literal

import msgspec

Value = str | int | float | bool
Bound = float | Literal["inf", "-inf"]


class Kind(Enum):
    """How values are chosen."""

    CONTINUOUS = "continuous"  # any number of a range
    CATEGORICAL = "categorical"  # one of a list


class Feature(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Columns of one kind.

    ``dtype`` is FLOAT, INT or STRING, in any case; of a categorical feature without one, it is what its values are.
    ``range`` is the lowest and the highest value; ``"inf"`` means no limit on that side. ``shape`` is that of one row's
    values, a single one by default, and ``repeat`` is how many such columns stand side by side.
    """

    name: str
    ftype: Kind
    dtype: str = ""
    range: tuple[Bound, Bound] = ("inf", "inf")
    values: list[Value] = []
    shape: list[int] = []
    repeat: int = 1

    @property
    def type(self) -> str:
        """FLOAT, INT or STRING."""
        return self.dtype.upper() or _type_of(self.values)

    @property
    def low(self) -> float:
        """The lowest value; minus infinity when there is none."""
        return -math.inf if isinstance(self.range[0], str) else self.range[0]

    @property
    def high(self) -> float:
        """The highest value; infinity when there is none."""
        return math.inf if isinstance(self.range[1], str) else self.range[1]

    @property
    def width(self) -> int:
        """How many columns one repetition takes."""
        return self.shape[0] if self.shape else 1

    def names(self, pattern: str, first: int) -> list[str]:
        """The name of each repetition."""
        if self.repeat == 1:
            return [self.name]
        return [pattern.format(self.name, number) for number in range(first, first + self.repeat)]


def problems_of(feature: Feature) -> Iterator[tuple[str, str]]:
    """What is wrong with it: the field, and a sentence."""
    if feature.type not in TYPES:
        yield "dtype", f"Expected FLOAT, INT or STRING, got {feature.dtype!r}"
    elif feature.ftype is Kind.CONTINUOUS:
        yield from _problems_of_range(feature)
    elif not feature.values:
        yield "values", "Expected at least one value of a categorical feature"
    else:
        for index, value in enumerate(feature.values):
            if not is_of(feature.type, value):
                yield f"values[{index}]", f"Expected {TYPES[feature.type]}, as dtype says, got {value!r}"
    yield from ((f"shape[{i}]", f"Expected 1 or more, got {size}") for i, size in enumerate(feature.shape) if size < 1)
    if feature.repeat < 1:
        yield "repeat", f"Expected 1 or more, got {feature.repeat}"


def is_of(kind: str, value: object) -> bool:
    """Whether a value is of a dtype; true and false are no numbers, nor is NaN."""
    if kind == "STRING":
        return isinstance(value, str)
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return False
    return kind == "FLOAT" or isinstance(value, int) or value.is_integer()


TYPES = {"FLOAT": "a number", "INT": "a whole number", "STRING": "a text"}


def _problems_of_range(feature: Feature) -> Iterator[tuple[str, str]]:
    if feature.type == "STRING":
        yield "ftype", "Expected categorical, with values: texts have no range"
    if feature.values:
        yield "values", "Expected none of a continuous feature; with values, its ftype is categorical"
    if not feature.low <= feature.high:
        yield "range", f"Expected the lowest value first, got {list(feature.range)}"
    elif feature.type == "INT" and math.isfinite(feature.low) and math.ceil(feature.low) > feature.high:
        yield "range", f"Expected a range with a whole number in it, got {list(feature.range)}"


def _type_of(values: Sequence[Value]) -> str:
    if values and all(is_of("INT", value) for value in values):
        return "INT"
    return "STRING" if any(isinstance(value, str) for value in values) else "FLOAT"
