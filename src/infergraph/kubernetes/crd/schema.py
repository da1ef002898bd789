"""The structural schema of a type: what the API server checks before anybody else sees an object.

It says where things stand and of which type they are; what the words and numbers mean the rules say, in sentences. So
there are no enumerations and no defaults in it, as in the first version (SELDON_V1 §1.1, §1.2). Fields that are not
known are kept and not pruned: validation says what they were probably meant to be, and a field that is pruned is one
that nobody hears of.
"""

from typing import Any, Final, TypeAlias

from msgspec import Struct, inspect

Schema: TypeAlias = dict[str, Any]

MOST_LEVELS: Final = 10
"""How deep children may stand below a graph: a structural schema cannot speak of itself."""
_ANYTHING: Final = {"x-kubernetes-preserve-unknown-fields": True}


def schema_of(type_: type[Struct], *, levels: int = MOST_LEVELS) -> Schema:
    """The schema of a type of the declaration; a type within itself stands ``levels`` deep."""
    return _struct(type_, {type_: levels + 1})


def _struct(type_: type[Struct], left: dict[type[Struct], int]) -> Schema:
    found = inspect.type_info(type_)
    assert isinstance(found, inspect.StructType)  # noqa: S101 - for the type checker
    schema: Schema = {"type": "object"}
    required = [field.encode_name for field in found.fields if field.required]
    if required:
        schema["required"] = required
    left = {**left, type_: left.get(type_, MOST_LEVELS + 1) - 1}
    schema["properties"] = {field.encode_name: _value(field.type, left) for field in found.fields}
    return {**schema, **_ANYTHING}


def _value(type_: inspect.Type, left: dict[type[Struct], int]) -> Schema:
    match type_:
        case inspect.StructType():
            return _struct(type_.cls, left)
        case inspect.VarTupleType():
            return _list(type_.item_type, left)
        case inspect.DictType():
            return {"type": "object", "additionalProperties": _value(type_.value_type, left)}
        case inspect.UnionType():
            return _union(type_, left)
    return _simple(type_)


def _list(item: inspect.Type, left: dict[type[Struct], int]) -> Schema:
    if isinstance(item, inspect.StructType) and left.get(item.cls) == 0:
        # Deeper than that is refused: what is pruned here would be missing from the graph without a word.
        return {"type": "array", "maxItems": 0, "items": dict(_ANYTHING)}
    return {"type": "array", "items": _value(item, left)}


def _union(type_: inspect.UnionType, left: dict[type[Struct], int]) -> Schema:
    members = [member for member in type_.types if not isinstance(member, inspect.NoneType)]
    schema = _value(members[0], left) if len(members) == 1 else _one_of(members)
    return {**schema, "nullable": True} if len(members) < len(type_.types) else schema


def _one_of(members: list[inspect.Type]) -> Schema:
    kinds = {type(member) for member in members}
    if kinds == {inspect.IntType, inspect.StrType}:
        return {"x-kubernetes-int-or-string": True}
    return dict(_ANYTHING)


def _simple(type_: inspect.Type) -> Schema:
    match type_:
        case inspect.StrType() | inspect.EnumType():
            return {"type": "string"}
        case inspect.BoolType():
            return {"type": "boolean"}
        case inspect.IntType():
            return {"type": "integer", "format": "int64" if type_.le is None else "int32"}
        case inspect.AnyType():
            return dict(_ANYTHING)
    raise TypeError(f"no schema for the type {type_}")
