"""Requests that a graph can answer, made from what its models say of their inputs (SELDON_V1 §3.7)."""

from typing import Any

import msgspec

from infergraph.payloads.payload import JsonObject
from infergraph.servers.openapi import MESSAGES

DEFAULT_WIDTH = 4


def example_message(metadata: JsonObject | None) -> JsonObject:
    """A SeldonMessage for a graph with this metadata: one row of as many numbers as it takes, named if they are."""
    first = _first_input(metadata)
    width = _width(first)
    rows = {"ndarray": [[float(column + 1) for column in range(width)]]}
    names = _schema(first).get("names")
    is_named = isinstance(names, list) and len(names) == width and all(isinstance(name, str) for name in names)
    return {"data": {"names": names, **rows} if is_named else rows}


def example_texts(metadata: JsonObject | None) -> dict[str, str]:
    """A request of each kind, and a feedback, as JSON text: the numbers keep the form in which they are written."""
    message = example_message(metadata)
    rows: list[list[float]] = message["data"]["ndarray"]
    values = [value for row in rows for value in row]
    tensor = {"data": {"tensor": {"shape": [len(rows), len(rows[0])], "values": values}}}
    feedback = {"request": message, "response": {"meta": {}}, "reward": 1.0}
    texts = {"strData": MESSAGES["strData"]["value"], "jsonData": MESSAGES["jsonData"]["value"]}
    messages = {"ndarray": message, "tensor": tensor, **texts, "feedback": feedback}
    return {kind: msgspec.json.encode(message).decode() for kind, message in messages.items()}


def example_kind(metadata: JsonObject | None) -> str:
    """The kind of request to begin with: what the graph's first input says that it is."""
    kind = _first_input(metadata).get("messagetype")
    return kind if kind in ("tensor", "strData", "jsonData") else "ndarray"


def _first_input(metadata: JsonObject | None) -> JsonObject:
    """The first input that the metadata declare, or nothing: a model may say anything of itself."""
    inputs = (metadata or {}).get("graphinputs")
    first = inputs[0] if isinstance(inputs, list) and inputs else None
    return first if isinstance(first, dict) else {}


def _width(first: JsonObject) -> int:
    """The number of columns that an input declares, in either form of SELDON_V1 §4.3."""
    shape: Any = first.get("shape") or _schema(first).get("shape")
    last = shape[-1] if isinstance(shape, list) and shape else 0
    return last if isinstance(last, int) and 0 < last <= 100 else DEFAULT_WIDTH


def _schema(first: JsonObject) -> JsonObject:
    schema = first.get("schema")
    return schema if isinstance(schema, dict) else {}
