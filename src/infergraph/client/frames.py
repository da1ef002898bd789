"""Data frames as arrays and back. pandas is imported only where a frame is given or asked for."""

import sys
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import numpy as np

from infergraph.client.errors import Unsendable
from infergraph.payloads.arrays import NONFINITE
from infergraph.payloads.payload import Array


class Table(msgspec.Struct, frozen=True):
    """What a frame has beside its values: its labels and types by name, and its index."""

    labels: dict[str, Any]
    dtypes: dict[str, Any]
    index: Any


def is_frame(data: Any) -> bool:
    """Whether this is a pandas DataFrame, without importing pandas."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(data, getattr(pandas, "DataFrame", ()))


def table_of(frame: Any) -> tuple[Array, Table]:
    """The values of a frame, and what else it has.

    Columns of one numpy type stay an array of it; others become an array of objects, in which a date is its text of
    ISO 8601 and what is missing is None (NaN in a column of floats).

    :raises Unsendable: for a column whose values no message says exactly.
    """
    labels = {str(label): label for label in frame.columns}
    if len(labels) != len(frame.columns):
        raise Unsendable("Two columns of the data frame have the same name")
    dtypes = dict(zip(labels, frame.dtypes, strict=True))
    table = Table(labels, dtypes, frame.index)
    if (
        len(set(dtypes.values())) == 1
        and isinstance(frame.dtypes.iloc[0], np.dtype)
        and _is_plain(frame.dtypes.iloc[0])
    ):
        return frame.to_numpy(), table
    array = np.empty(frame.shape, dtype=object)
    for index, name in enumerate(labels):
        array[:, index] = _values(frame.iloc[:, index], name)
    return array, table


def frame_of(data: Any, names: Sequence[str], table: Table | None) -> Any:
    """The frame of an array of two dimensions (of one: a single column) or of arrays by name.

    A column that comes back under its name takes its type back where that changes no value, and as many rows as the
    question had take its index.
    """
    import pandas as pd

    if not isinstance(data, dict) and data.ndim > 2:
        raise ValueError(f"a DataFrame has two dimensions, and the answer has {data.ndim}")
    frame = pd.DataFrame(data) if isinstance(data, dict) else _framed(pd, data, names)
    if table is None:
        return frame
    columns = {label: _restored(pd, frame[label], table.dtypes.get(str(label))) for label in frame.columns}
    frame = pd.DataFrame(columns, index=frame.index)
    if len(frame) == len(table.index):
        frame.index = table.index
    return frame.rename(columns={name: label for name, label in table.labels.items() if name in columns})


def _framed(pd: Any, data: Array, names: Sequence[str]) -> Any:
    rows = data.reshape(-1, 1) if data.ndim < 2 else data
    columns = list(names) if len(set(names)) == rows.shape[1] else list(range(rows.shape[1]))
    if data.dtype != object:
        return pd.DataFrame(rows, columns=columns)
    return pd.DataFrame({column: _column(pd, rows[:, index].tolist()) for index, column in enumerate(columns)})


def _column(pd: Any, values: list[Any]) -> Any:
    """One column of objects as the type that its values have."""
    kinds = set(map(type, values))
    if float in kinds and str in kinds and kinds <= {float, int, str}:
        texts = {value for value in values if isinstance(value, str)}
        if texts <= NONFINITE.keys():  # as an answer says them whose question had none
            return pd.Series([NONFINITE.get(value, value) for value in values], dtype="float64")
    if len(kinds) == 1 and not kinds & {str, type(None), list, dict}:
        return pd.Series(values)
    return pd.Series(values, dtype=object)


def _restored(pd: Any, column: Any, dtype: Any) -> Any:
    """The column in its former type, if each value is the same in it."""
    if dtype is None or column.dtype == dtype:
        return column
    given = _values(column, "")
    try:
        if getattr(dtype, "kind", "") == "M":
            column = pd.to_datetime(column, format="ISO8601", utc=getattr(dtype, "tz", None) is not None)
        restored = column.astype(dtype)
        is_same = all(map(_is_same, given, _values(restored, "")))
    except (TypeError, ValueError, OverflowError, Unsendable):
        return column
    return restored if is_same else column


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return bool(one == other) or (one != one and other != other)  # noqa: PLR0124 - NaN is what is not itself


def _is_plain(dtype: np.dtype[Any]) -> bool:
    return dtype.kind in "biu" or (dtype.kind == "f" and dtype.itemsize <= 8)


def _values(column: Any, name: str) -> list[Any]:
    """The values of a column in the types of JSON."""
    dtype = column.dtype
    if isinstance(dtype, np.dtype) and _is_plain(dtype):
        return list(column.tolist())
    if getattr(dtype, "kind", "") in "cmV" or str(dtype).startswith(("period", "interval")) or dtype == np.longdouble:
        raise Unsendable(f"Column {name!r} is of {dtype}, which cannot be sent exactly; make it a text or a number")
    is_missing = column.isna().tolist()
    return [_value(value, none, name) for value, none in zip(column.tolist(), is_missing, strict=True)]


def _value(value: Any, is_missing: bool, name: str) -> Any:  # noqa: FBT001 - one of two lists side by side
    if type(value) in _EXACT:
        return value
    if is_missing:
        return None
    if isinstance(value, np.bool_ | np.integer | np.floating):
        return value.item()
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise Unsendable(f"Column {name!r} holds a value of {type(value).__name__}, which cannot be sent exactly")


_EXACT = frozenset({str, bool, int, float, type(None)})
