"""The kinds of JSON values that schemas are made of."""

from typing import Any

from infergraph.servers.openapi.reference import Json

TEXT: Json = {"type": "string"}
ANY: Json = {}
INTEGER: Json = {"type": "integer"}
COUNT: Json = {"type": "integer", "minimum": 0}
FLAG: Json = {"type": "boolean"}


def object_of(properties: Json, **more: Any) -> Json:
    """An object with these members, none of them required unless ``more`` says so."""
    return {"type": "object", "properties": properties, **more}


def exactly(properties: Json, *optional: str) -> Json:
    """An object that has all of these members but the optional ones."""
    return object_of(properties, required=[name for name in properties if name not in optional])


def map_of(values: Json) -> Json:
    """An object with any names, and values of one kind."""
    return {"type": "object", "additionalProperties": values}


def list_of(items: Json) -> Json:
    """A list of one kind of items."""
    return {"type": "array", "items": items}


def or_null(schema: Json) -> Json:
    """The same, or null, which means that it is not there."""
    return schema | {"type": [schema["type"], "null"]}


def at_most_one(*names: str) -> Json:
    """What an object has that holds one of these members, or none of them."""
    required = [{"required": [name]} for name in names]
    return {"oneOf": [*required, {"not": {"anyOf": required}}]}
