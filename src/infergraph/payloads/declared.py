"""The inputs that a model declares, and a payload as they want it: for protocols whose arrays have names and types."""

from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np

from infergraph.payloads.arrays import is_numeric
from infergraph.payloads.datatypes import BYTES, DTYPES, typed
from infergraph.payloads.payload import Array, Encoding, JsonObject, Payload
from infergraph.payloads.v2_response import tensors_of

_UNTYPED = frozenset({Encoding.NDARRAY, Encoding.TENSOR, Encoding.TF})
"""Encodings of which some have one type for all numbers: what an array of them is, nobody has chosen."""


class Declared(msgspec.Struct, frozen=True):
    """One input: its name, and its datatype in the v2 protocol's words, empty where nothing is said of it."""

    name: str
    datatype: str = ""


def declared_in(metadata: JsonObject) -> list[Declared]:
    """The inputs that the metadata of a model (SELDON_V1 §3.7) declare by name."""
    inputs = metadata.get("inputs")
    found = [one for one in inputs if isinstance(one, dict)] if isinstance(inputs, list) else []
    return [
        Declared(one["name"], datatype if isinstance(datatype := one.get("datatype"), str) else "")
        for one in found
        if isinstance(one.get("name"), str) and one["name"]
    ]


def inputs_of(payload: Payload, declared: Iterable[Declared], default: str) -> dict[str, tuple[str, Array]]:
    """The arrays of a question by name, each with its datatype, held as that datatype is.

    One array for a model of one input is called as the model calls it, whatever it was called where it comes from; one
    that nobody has named is called ``default``. Numbers whose type nobody has chosen become what the model declares.

    :raises BadAnswer: when no datatype holds an array.
    """
    known = {one.name: one.datatype for one in declared}
    tensors = tensors_of(payload, default)
    if len(tensors) == len(known) == 1:
        tensors = dict(zip(known, tensors.values(), strict=True))
    is_untyped = payload.encoding in _UNTYPED
    return {
        name: typed(_as_declared(array, known.get(name, "")) if is_untyped else array, name)
        for name, array in tensors.items()
    }


def _as_declared(array: Array, datatype: str) -> Array:
    """The numbers as the datatype; as they are where it has no place for them, so that the model can say so."""
    dtype = DTYPES.get(datatype)
    if dtype is None or datatype == BYTES or not is_numeric(array) or array.dtype == dtype:
        return array
    with np.errstate(all="ignore"):
        changed: Any = array.astype(dtype)
    return changed if dtype.kind == "f" or np.array_equal(changed, array) else array
