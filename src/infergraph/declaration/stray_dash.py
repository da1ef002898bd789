"""One item of a list that stray dashes have cut in pieces.

    predictors:
    - componentSpecs:
    - spec: {containers: [...]}
    - graph: {name: classifier}
      name: default

reads as three predictors, of which two lack nearly all that a predictor needs. Field by field that is a page of
problems, and none of them names the dash.
"""

import re
from typing import Any

from msgspec import Struct, inspect

from infergraph.declaration.document import Document
from infergraph.declaration.fields import fields_of, required_of
from infergraph.declaration.problem import At, Problem, written


class Fragment(Struct, frozen=True):
    """One of the pieces: more fields of the item, or an entry of the item's list field ``into``."""

    index: int
    type: type[Struct]
    into: str | None = None


def fragments(item: inspect.Type, data: list[Any], start: int) -> list[Fragment]:
    """The pieces from ``start`` on that make one whole item together; empty when they do not."""
    if not isinstance(item, inspect.StructType):
        return []
    found: list[Fragment] = []
    whole: dict[str, Any] = {}
    for index in range(start, len(data)):
        fragment = _fragment(item.cls, data[index], index, whole)
        if fragment is None:
            break
        found.append(fragment)
        if fragment.into is None:
            whole.update(data[index])
    is_one = len(found) > 1 and required_of(item.cls) <= _given(whole)
    return found if is_one else []


def stray_dash(parts: list[Fragment], data: list[Any], at: At, document: Document) -> Problem:
    """The one problem that all the pieces are: which dashes to move or to take away, and what it looks like then."""
    name = _noun(parts[0].type)
    lines = [document.place((*at, part.index)).line for part in parts]
    cuts = " and ".join(str(line) for line in lines[1:])
    what = f"the {'dash' if len(lines) == 2 else 'dashes'} on {'line' if len(lines) == 2 else 'lines'} {cuts}"
    steps = [_step(part, line) for part, line in zip(parts[1:], lines[1:], strict=True)]
    skeleton = [f"  {line}" for line in _skeleton(parts, data, at, document)]
    return Problem(
        message=f"{len(parts)} list items are the pieces of one {name}; {what} cut it up",
        path=written(at),
        hint="\n".join([*steps, f"the whole {name} is then:", *skeleton]),
        at=(*at, parts[0].index),
    )


def _fragment(type_: type[Struct], data: Any, index: int, whole: dict[str, Any]) -> Fragment | None:
    required = required_of(type_)
    if not isinstance(data, dict) or (required <= _given(data) and (not whole or required <= _given(whole))):
        return None  # an item of its own
    if data.keys() <= fields_of(type_).keys() and not data.keys() & whole.keys():
        return Fragment(index, type_)
    last = next(reversed(whole), None)
    inner = _item_of(fields_of(type_)[last].type) if last else None
    if last and inner and whole[last] in (None, []) and data.keys() <= fields_of(inner).keys():
        return Fragment(index, inner, last)
    return None


def _given(data: dict[str, Any]) -> set[str]:
    return {name for name, value in data.items() if value is not None}


def _item_of(type_: inspect.Type) -> type[Struct] | None:
    if isinstance(type_, inspect.VarTupleType) and isinstance(type_.item_type, inspect.StructType):
        return type_.item_type.cls
    return None


def _step(part: Fragment, line: int) -> str:
    if part.into is None:
        return f"line {line}: put a space in place of the dash"
    return f"line {line}: indent by two spaces, with the lines that belong to it, so that it stands in {part.into}"


def _skeleton(parts: list[Fragment], data: list[Any], at: At, document: Document) -> list[str]:
    lines = []
    for number, part in enumerate(parts):
        for position, (name, value) in enumerate(data[part.index].items()):
            shown = "" if value is None else _shown(value, document.place((*at, part.index, name)).text)
            first = number == 0 or part.into is not None
            dash = "- " if first and position == 0 else "  "
            lines.append(f"{'  ' if part.into else ''}{dash}{name}:{shown}")
    return lines


def _shown(value: Any, text: str) -> str:
    return " ..." if isinstance(value, dict | list) else f" {text}"


def _noun(type_: type[Struct]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type_.__name__).lower()
