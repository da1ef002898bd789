"""What the manifest's types know about their fields: names, places, and what a wrong name was meant to be."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, Final, TypeAlias

from msgspec import Struct, inspect

from infergraph.declaration.deployment import SeldonDeployment
from infergraph.declaration.problem import At

Owner: TypeAlias = tuple[str, ...]
"""Where a type stands in the tree, without positions: ``("spec", "predictors[]", "graph")``."""

_NEAR: Final = 3  # steps in the tree; further away, a field of the same name says little


@cache
def fields_of(type_: type[Struct]) -> Mapping[str, inspect.Field]:
    """The fields of a type by the names of the manifest."""
    found = inspect.type_info(type_)
    assert isinstance(found, inspect.StructType)  # noqa: S101 - for the type checker
    return {field.encode_name: field for field in found.fields}


@cache
def required_of(type_: type[Struct]) -> frozenset[str]:
    """The names of the fields that a type cannot be without."""
    return frozenset(name for name, field in fields_of(type_).items() if field.required)


def meant(type_: type[Struct], name: str, at: At) -> str:
    """What an unknown field of the object at ``at`` was probably meant to be, as a sentence, or an empty text."""
    owner = _owner(at)
    places = sorted(_places().get(name, []), key=lambda place: _distance(owner, place))
    near = get_close_matches(name, fields_of(type_), n=1)
    if places and (_distance(owner, places[0])[0] <= _NEAR or not near):
        return f'"{name}" belongs {_direction(owner, places[0])}'
    return f'did you mean "{near[0]}"?' if near else ""


def nearest(word: str, words: Iterator[str] | list[str]) -> str:
    """The word that was probably meant, whatever its case, or an empty text."""
    by_lower = {known.lower(): known for known in words}
    close = get_close_matches(word.lower(), by_lower, n=1)
    return by_lower[close[0]] if close else ""


def _owner(at: At) -> Owner:
    names: list[str] = []
    for part in at:
        if isinstance(part, str):
            names.append(part)
        else:
            names[-1] += "[]"
    # A unit deep in the graph has the fields of the graph itself.
    return tuple(name for name in names if name != "children[]")


def _distance(here: Owner, there: Owner) -> tuple[int, bool]:
    """Steps through the tree from one to the other; of equally near ones, those below come first."""
    common = 0
    while common < min(len(here), len(there)) and here[common] == there[common]:
        common += 1
    return len(here) + len(there) - 2 * common, common < len(here)


def _direction(here: Owner, there: Owner) -> str:
    if not there:
        return "at the top level, beside kind"
    inside = there[len(here) :] if there[: len(here)] == here else there
    return f"in {'.'.join(inside)}"


@cache
def _places() -> Mapping[str, list[Owner]]:
    """Each field's name, and everywhere it stands."""
    places: dict[str, list[Owner]] = {}
    for owner, type_ in _tree(SeldonDeployment, (), ()):
        for name in fields_of(type_):
            places.setdefault(name, []).append(owner)
    return places


def _tree(type_: type[Struct], owner: Owner, above: tuple[Any, ...]) -> Iterator[tuple[Owner, type[Struct]]]:
    if type_ in above:
        return
    yield owner, type_
    for name, field in fields_of(type_).items():
        for suffix, inner in _structs(field.type):
            yield from _tree(inner, (*owner, name + suffix), (*above, type_))


def _structs(type_: inspect.Type) -> Iterator[tuple[str, type[Struct]]]:
    match type_:
        case inspect.StructType():
            yield "", type_.cls
        case inspect.VarTupleType(item_type=inspect.StructType() as item):
            yield "[]", item.cls
        case inspect.UnionType():
            for member in type_.types:
                yield from _structs(member)
