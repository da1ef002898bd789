"""Several named columns as the one table that a prepackaged model takes."""

import numpy as np

from infergraph.errors import BadMessage
from infergraph.payloads.payload import Array, Encoding, Payload
from infergraph.payloads.texts import texts_in


def table_of(payload: Payload) -> Payload:
    """The payload with one array of shape (rows, columns) for several tensors of shape (rows,) or (rows, 1).

    Their names become those of the columns. Columns of different types make an array of objects, in which each value
    stays what it is; bytes that are UTF-8 become texts, as they are when they come as JSON.

    :raises BadMessage: when the tensors are no columns of equal length.
    """
    if payload.encoding is not Encoding.TENSORS:
        is_objects = payload.is_array and payload.data.dtype == object
        return _with(payload, texts_in(payload.data), payload.names) if is_objects else payload
    columns = [_column(name, array) for name, array in payload.data.items()]
    if len({len(column) for column in columns}) > 1:
        sizes = ", ".join(f"{name} {len(column)}" for name, column in zip(payload.data, columns, strict=True))
        raise BadMessage(f"The model takes one table, and its columns have different numbers of rows: {sizes:.200}")
    is_uniform = len({column.dtype for column in columns}) == 1
    table = np.stack(columns if is_uniform else [column.astype(object) for column in columns], axis=1)
    return _with(payload, texts_in(table) if table.dtype == object else table, list(payload.data))


def _column(name: str, array: Array) -> Array:
    if array.ndim == 2 and array.shape[1] == 1:
        return array[:, 0]
    if array.ndim != 1:
        raise BadMessage(
            f"The model takes one table: one tensor of rows, or one of one column for each feature. "
            f"Input {name!r:.60} has the shape {list(array.shape)}"
        )
    return array


def _with(payload: Payload, array: Array, names: list[str]) -> Payload:
    encoding = Encoding.V2 if payload.encoding is Encoding.TENSORS else payload.encoding
    return Payload(array, encoding, names, payload.meta, payload.status)
