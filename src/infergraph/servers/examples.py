"""A request that a graph can answer, made from what its models say of their inputs."""

from typing import Any

from infergraph.payloads.payload import JsonObject

DEFAULT_WIDTH = 4


def example_message(metadata: JsonObject | None) -> JsonObject:
    """A SeldonMessage for a graph with this metadata (SELDON_V1 §3.7): one row of as many numbers as it takes."""
    width = _width((metadata or {}).get("graphinputs"))
    return {"data": {"ndarray": [[float(column + 1) for column in range(width)]]}}


def _width(inputs: Any) -> int:
    """The number of columns that the first input declares, in either form of SELDON_V1 §4.3."""
    first = inputs[0] if isinstance(inputs, list) and inputs else {}
    if not isinstance(first, dict):
        return DEFAULT_WIDTH
    schema = first.get("schema")
    shape = first.get("shape") or (schema.get("shape") if isinstance(schema, dict) else None)
    last = shape[-1] if isinstance(shape, list) and shape else 0
    return last if isinstance(last, int) and 0 < last <= 100 else DEFAULT_WIDTH
