"""One part of the document that names another."""

from typing import Any

Json = dict[str, Any]


def ref(kind: str, name: str) -> Json:
    """A reference to the component ``name`` of a kind: schemas, examples, responses, parameters, headers."""
    return {"$ref": f"#/components/{kind}/{name}"}
