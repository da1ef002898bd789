"""Whether a document has the shape of a SeldonDeployment: its fields, their types, nothing missing.

One walker for all types, driven by the types themselves. It goes on after a problem, so that all are found at once.
"""

from enum import Enum
from typing import Any, Final

import msgspec
from msgspec import Struct, inspect

from infergraph.declaration import words
from infergraph.declaration.deployment import SeldonDeployment
from infergraph.declaration.document import Document
from infergraph.declaration.fields import fields_of, meant, nearest, required_of
from infergraph.declaration.problem import At, Problem, written
from infergraph.declaration.stray_dash import fragments, stray_dash

_MAX_GUESSES: Final = 100


def check_shape(document: Document) -> tuple[SeldonDeployment | None, tuple[Problem, ...]]:
    """The deployment of a document as far as it has the shape of one, and all that is wrong with its shape.

    None where a value is missing or of another type. Unknown fields are problems, but the rest can still be judged.

    Null means absent, as in Kubernetes; so does an empty text where one of several words is expected.
    """
    walker = _Walker(document)
    value = walker.struct(SeldonDeployment, document.data, ())
    deployment = msgspec.convert(value, SeldonDeployment) if walker.is_convertible else None
    return deployment, tuple(walker.problems)


class _Walker:
    """Collects problems, and gives back what is left of a value when nulls are taken away."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.problems: list[Problem] = []
        self.is_convertible = True

    def value(self, type_: inspect.Type, data: Any, at: At) -> Any:
        match type_:
            case inspect.StructType():
                return self.struct(type_.cls, data, at)
            case inspect.VarTupleType():
                return self._list(type_.item_type, data, at)
            case inspect.DictType():
                return self._mapping(type_.value_type, data, at)
            case inspect.UnionType():
                return self._union(type_, data, at)
        return self._simple(type_, data, at)

    def _simple(self, type_: inspect.Type, data: Any, at: At) -> Any:
        match type_:
            case inspect.AnyType():
                return data
            case inspect.EnumType():
                return self._enum(type_.cls, data, at)
        return self._one_of([type_], data, at)

    def struct(self, type_: type[Struct], data: Any, at: At, *, is_whole: bool = True) -> Any:
        if not isinstance(data, dict):
            return self._wrong(words.MAPPING, data, at)
        known = fields_of(type_)
        kept = {}
        for name, value in data.items():
            if name not in known:
                self._unknown(type_, name, at)
            elif not _is_absent(known[name].type, value):
                kept[name] = self.value(known[name].type, value, (*at, name))
        if is_whole:
            self._check_required(required_of(type_), kept, at)
        return kept

    def _unknown(self, type_: type[Struct], name: str, at: At) -> None:
        # Guessing takes time, and nobody reads the hundredth guess.
        hint = meant(type_, name, at) if len(self.problems) < _MAX_GUESSES else ""
        self._note((*at, name), f'unknown field "{name}"', hint)

    def _check_required(self, required: frozenset[str], kept: dict[str, Any], at: At) -> None:
        for name in sorted(required - kept.keys()):
            self._complain((*at, name), f'the required field "{name}" is missing')

    def _list(self, item: inspect.Type, data: Any, at: At) -> Any:
        if not isinstance(data, list):
            return self._wrong(words.LIST, data, at)
        kept, index = [], 0
        while index < len(data):
            parts = fragments(item, data, index)
            if parts:
                self._stray_dash(parts, data, at)
                index += len(parts)
            else:
                kept.append(self.value(item, data[index], (*at, index)))
                index += 1
        return kept

    def _stray_dash(self, parts: Any, data: list[Any], at: At) -> None:
        """One problem for all the pieces; inside of them, whatever else is wrong."""
        self.is_convertible = False
        self.problems.append(stray_dash(parts, data, at, self._document))
        for part in parts:
            self.struct(part.type, data[part.index], (*at, part.index), is_whole=part.into is not None)

    def _mapping(self, type_: inspect.Type, data: Any, at: At) -> Any:
        if not isinstance(data, dict):
            return self._wrong(words.MAPPING, data, at)
        return {name: self.value(type_, value, (*at, name)) for name, value in data.items() if value is not None}

    def _union(self, type_: inspect.UnionType, data: Any, at: At) -> Any:
        members = [member for member in type_.types if not isinstance(member, inspect.NoneType)]
        return self.value(members[0], data, at) if len(members) == 1 else self._one_of(members, data, at)

    def _enum(self, type_: type[Enum], data: Any, at: At) -> Any:
        known = [str(member.value) for member in type_]
        if data not in known:
            near = nearest(str(data), known)
            hint = f"did you mean {near}?" if near else ""
            self._complain(at, f"expected one of {', '.join(known)}, got {words.described(data, self._text(at))}", hint)
        return data

    def _one_of(self, types: list[inspect.Type], data: Any, at: At) -> Any:
        if not any(words.fits(type_, data) for type_ in types):
            self._wrong(words.any_of(types), data, at)
        return data

    def _wrong(self, expected: str, data: Any, at: At) -> None:
        text = self._text(at)
        self._complain(
            at, f"expected {expected}, got {words.described(data, text)}", words.mended(expected, data, text)
        )

    def _text(self, at: At) -> str:
        return self._document.place(at).text

    def _complain(self, at: At, message: str, hint: str = "") -> None:
        self.is_convertible = False
        self._note(at, message, hint)

    def _note(self, at: At, message: str, hint: str = "") -> None:
        self.problems.append(Problem(message=message, path=written(at), hint=hint, at=at))


def _is_absent(type_: inspect.Type, value: Any) -> bool:
    return value is None or (value == "" and _is_word(type_))


def _is_word(type_: inspect.Type) -> bool:
    members = type_.types if isinstance(type_, inspect.UnionType) else (type_,)
    return any(isinstance(member, inspect.EnumType) for member in members)
