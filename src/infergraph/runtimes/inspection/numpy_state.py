"""NumPy arrays inside pickles: how large they are and what they hold, as far as that is small."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from infergraph.runtimes.inspection.pickle_stream import PickleStream
from infergraph.runtimes.inspection.pickle_values import Array, Made

_LARGEST_KEPT = 1 << 14
_HAS_OBJECTS = 1  # NPY_ITEM_REFCOUNT, in the flags of a dtype's state
_RECONSTRUCT = ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct")

_FROM_BUFFER = ("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer")


@dataclass(frozen=True, slots=True)
class _Type:
    """A dtype: its text, the names of its fields, and whether it holds Python objects."""

    text: str
    fields: tuple[str, ...]
    has_objects: bool

    @property
    def itemsize(self) -> int:
        return np.dtype(self.text).itemsize


def array_of(made: Made) -> Array | None:
    """Return the array that a plain pickle makes of ``made``; None when it is something else."""
    state = made.state
    if made.name not in _RECONSTRUCT or not isinstance(state, tuple) or len(state) != 5:
        return None
    _, shape, dtype, _, content = state
    kind = _type_of(dtype)
    if isinstance(content, list):
        return Array(shape, kind.text, kind.fields, items=content)
    return Array(shape, kind.text, kind.fields, content=content if isinstance(content, bytes) else None)


def array_from_buffer(made: Made) -> Array | None:
    """Return the array that protocol 5 makes of bytes beside it; None when ``made`` is something else."""
    if made.name not in _FROM_BUFFER or len(made.arguments) < 3:
        return None
    content, dtype, shape = made.arguments[:3]
    kind = _type_of(dtype)
    return Array(shape, kind.text, kind.fields, content=content if isinstance(content, bytes) else None)


def read_joblib_array(made: Made, stream: PickleStream, nested: Callable[[], Any]) -> Any:
    """Pass over the numbers that follow a ``NumpyArrayWrapper``, and return what is known of the array.

    ``nested`` reads the pickle that stands there instead of numbers in an array of objects.
    """
    kind, shape = _type_of(made.attribute("dtype")), made.attribute("shape")
    if kind.has_objects:
        return nested()
    if made.attribute("numpy_array_alignment_bytes") is not None:
        stream.skip(stream.read(1)[0])
    size = prod(shape) * kind.itemsize
    if size <= _LARGEST_KEPT:
        return Array(shape, kind.text, kind.fields, content=stream.read(size))
    stream.skip(size)
    return Array(shape, kind.text, kind.fields)


def values_of(array: Any) -> list[Any] | None:
    """Return the values of a small array; None when they are not known."""
    if not isinstance(array, Array):
        return None
    if array.items is not None:
        return array.items
    if array.content is None:
        return None
    try:
        values: list[Any] = np.frombuffer(array.content, np.dtype(array.dtype)).tolist()
    except (TypeError, ValueError):
        return None
    return values


def _type_of(dtype: Any) -> _Type:
    """Read the dtype that a pickle describes: its text, and in its state byte order, fields, size and flags."""
    text, state = dtype.arguments[0], dtype.state if isinstance(dtype.state, tuple) else ()
    order = state[1] if len(state) > 1 and state[1] in ("<", ">") else ""
    fields = tuple(map(str, state[3])) if len(state) > 3 and isinstance(state[3], tuple) else ()
    has_objects = text.startswith("O") or (len(state) > 7 and bool(state[7] & _HAS_OBJECTS))
    return _Type(order + text, fields, has_objects)
