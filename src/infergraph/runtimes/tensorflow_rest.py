"""A request in the form of TensorFlow Serving's REST API, inside ``jsonData``: what upstream's proxy passes on."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from infergraph.errors import BadMessage

_ROWS, _COLUMNS = "instances", "inputs"


def is_rest(given: Any) -> bool:
    """Whether this is one: an object with ``instances`` or ``inputs``, and perhaps ``signature_name``."""
    return isinstance(given, Mapping) and not given.keys().isdisjoint((_ROWS, _COLUMNS))


def inputs_of(given: Mapping[str, Any], signature_name: str) -> Any:
    """Return its inputs: arrays by name, or lists for a model of one input.

    :raises BadMessage: when it is no such request, or for another signature.
    """
    if given.get("signature_name", signature_name) != signature_name:
        raise BadMessage(f"the model is served by its signature {signature_name}, and {given['signature_name']!r} came")
    if _COLUMNS in given:
        return given[_COLUMNS]
    rows = given[_ROWS]
    if not isinstance(rows, list) or not rows:
        raise BadMessage(f"{_ROWS} is a list with something in it, and {rows!r:.40} came")
    if not isinstance(rows[0], Mapping):
        return rows
    if any(not isinstance(row, Mapping) or row.keys() != rows[0].keys() for row in rows):
        raise BadMessage(f"each of {_ROWS} has the same names, and here they differ")
    return {name: [row[name] for row in rows] for name in rows[0]}


def answer_to(given: Mapping[str, Any], outputs: Any) -> dict[str, Any]:
    """Return ``outputs``, an array or several by name, in the form that the request was in."""
    by_name = {name: array.tolist() for name, array in outputs.items()} if isinstance(outputs, dict) else None
    if _COLUMNS in given:
        return {"outputs": outputs.tolist() if by_name is None else by_name}
    if by_name is None:
        return {"predictions": np.atleast_1d(outputs).tolist()}
    return {"predictions": [dict(zip(by_name, row, strict=True)) for row in zip(*by_name.values(), strict=False)]}
