"""The kinds of values, in words that a reader of the manifest knows."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from msgspec import inspect

TEXT: Final = "text"
WHOLE: Final = "a whole number"
NUMBER: Final = "a number"
BOOLEAN: Final = "true or false"
MAPPING: Final = "a mapping"
LIST: Final = "a list"

_INT64: Final = 2**63


def fits(type_: inspect.Type, data: Any) -> bool:
    """Whether a value has one of the simple types. True is no number, and whole numbers have at most 64 bits."""
    match type_:
        case inspect.StrType():
            return isinstance(data, str)
        case inspect.BoolType():
            return isinstance(data, bool)
        case inspect.FloatType():
            return isinstance(data, float)
        case inspect.IntType():
            lowest, highest = type_.ge or -_INT64, type_.le or _INT64 - 1
            return isinstance(data, int) and not isinstance(data, bool) and lowest <= data <= highest
    raise TypeError(f"no word for the type {type_}")


def named(type_: inspect.Type) -> str:
    """The name of a simple type."""
    match type_:
        case inspect.StrType():
            return TEXT
        case inspect.BoolType():
            return BOOLEAN
        case inspect.IntType():
            return WHOLE
    return NUMBER


def any_of(types: Iterable[inspect.Type]) -> str:
    """The names of several simple types; a whole number needs no mention beside a number."""
    names = [named(type_) for type_ in types]
    return " or ".join(name for name in names if name != WHOLE or NUMBER not in names)


def described(data: Any, text: str) -> str:
    """What came, with ``text`` for how it is written in the file."""
    match data:
        case None:
            return "nothing"
        case dict():
            return MAPPING
        case list():
            return LIST
        case bool():
            return f"the boolean {_short(text)}"
        case int() | float():
            return f"the number {_short(text)}"
    return f"the text {json.dumps(_short(text), ensure_ascii=False)}"


def mended(expected: str, data: Any, text: str) -> str:
    """How to make what came into what was expected, where that is plain."""
    if expected == LIST and isinstance(data, dict):
        return 'put a dash ("- ") before its first field, to make it a list of one'
    if expected == MAPPING and isinstance(data, list):
        return "its fields stand here without a dash" if len(data) == 1 else ""
    if expected.startswith(TEXT) and isinstance(data, bool | int | float):
        return f'quote it: "{text}"'
    if expected == WHOLE and isinstance(data, int) and not isinstance(data, bool):
        return "it has to fit into 32 bits"
    if isinstance(data, str) and any(_reads(read, data) for word, read in _UNQUOTED.items() if word in expected):
        return f"remove the quotes: {data}"
    return ""


def _true_or_false(text: str) -> bool:
    return {"true": True, "false": False}[text]


_UNQUOTED: Final[Mapping[str, Callable[[str], object]]] = {WHOLE: int, NUMBER: float, BOOLEAN: _true_or_false}


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except (ValueError, KeyError):
        return False
    return True


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
