"""Bytes that are texts."""

import numpy as np

from infergraph.payloads.payload import Array


def texts_in(array: Array) -> Array:
    """The array with its bytes, each for itself, as the text that they are; what is no UTF-8 stays as it is."""
    if bytes not in set(map(type, array.ravel())):
        return array
    texts = np.empty(array.size, dtype=object)
    texts[:] = [_text(value) if isinstance(value, bytes) else value for value in array.ravel()]
    return texts.reshape(array.shape)


def _text(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
