"""What `infergraph predict` is given: JSON, CSV, numpy's or parquet files, as data that the client takes."""

import csv
import io
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, BinaryIO

import click
import msgspec
import numpy as np

from infergraph.errors import BadMessage
from infergraph.payloads import Payload, json_text, seldon_json, v2_request

MAX_DEPTH = 1000


class Input(msgspec.Struct, frozen=True):
    """Data as `Client.predict` takes them, and names of the columns."""

    data: Any
    names: list[str] | None = None

    def pieces(self, rows: int | None) -> list["Input"]:
        """The same in pieces of so many rows. :raises click.UsageError: when it has no rows."""
        if rows is None:
            return [self]
        data = self.data
        if isinstance(data, Payload):
            return [Input(piece, self.names) for piece in _pieces_of(data, rows)]
        if not hasattr(data, "__len__") or isinstance(data, dict | str | bytes):
            raise click.UsageError("--batch-rows needs rows: lists, CSV, .npy or .parquet")
        cut = data.iloc if hasattr(data, "iloc") else data
        return [Input(cut[start : start + rows], self.names) for start in range(0, len(data), rows)] or [self]


def _pieces_of(payload: Payload, rows: int) -> list[Payload]:
    if not payload.is_array or not payload.data.ndim:
        raise click.UsageError("--batch-rows needs rows: this message holds no array")
    cuts = range(0, len(payload.data), rows)
    return [msgspec.structs.replace(payload, data=payload.data[start : start + rows]) for start in cuts] or [payload]


def input_of_text(text: str) -> Input:
    """What JSON on the command line says. :raises click.UsageError: when it is none."""
    return _of_json(text.encode(errors="surrogateescape"), "--data")


def input_of_file(file: BinaryIO) -> Input:
    """What a file holds, by the end of its name, and from standard input by its beginning.

    :raises click.UsageError: when it cannot be read as that.
    """
    name = str(getattr(file, "name", ""))
    read = _READERS.get(PurePath(name).suffix.lower())
    content = file.read()
    if read is None:
        read = _of_npy if content.startswith(b"\x93NUMPY") else _of_json if _is_json(content) else _of_csv
    return read(content, name)


def _is_json(content: bytes) -> bool:
    return content.lstrip()[:1] in (b"{", b"[", b'"')


def _of_json(content: bytes, name: str) -> Input:
    try:
        value = json_text.decode(content, MAX_DEPTH)
        if isinstance(value, dict) and isinstance(value.get("inputs"), list):
            return Input(v2_request.decode_request(content, None, MAX_DEPTH)[0])
        if isinstance(value, dict) and value.keys() & {"data", "strData", "binData", "jsonData"}:
            return Input(seldon_json.decode_message(content, MAX_DEPTH))
    except BadMessage as error:
        raise click.UsageError(f"{name}: {error}") from None
    if not isinstance(value, list | dict | str):
        raise click.UsageError(f"{name}: expected a message or lists of rows, got {value!r:.60}; try [[{value!r:.20}]]")
    return Input(value)


def _of_csv(content: bytes, name: str) -> Input:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{name}: the text is not UTF-8 ({error.reason} at byte {error.start})") from None
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    if not rows:
        raise click.UsageError(f"{name}: there is nothing in it")
    names = None if all(map(_is_number, rows[0])) else rows.pop(0)
    width = len(names or rows[0])
    for number, row in enumerate(rows, start=2 if names else 1):
        if len(row) != width:
            raise click.UsageError(f"{name}: expected {width} values, got {len(row)} in row {number}")
    return Input(_table([_column(list(column)) for column in zip(*rows, strict=True)], len(rows)), names)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _column(texts: list[str]) -> list[Any]:
    """The values of a column: integers, numbers, or texts; an empty cell among numbers is NaN."""
    try:
        return [int(text) for text in texts]
    except ValueError:
        pass
    try:
        return [float(text) if text.strip() else float("nan") for text in texts] if any(texts) else list(texts)
    except ValueError:
        return list(texts)


def _table(columns: list[list[Any]], rows: int) -> Any:
    kinds = {type(column[0]) for column in columns}
    if not rows or kinds <= {int}:
        return [list(row) for row in zip(*columns, strict=True)]
    if kinds <= {int, float}:
        return np.array(columns, dtype=np.float64).T
    table = np.empty((rows, len(columns)), dtype=object)
    for index, column in enumerate(columns):
        table[:, index] = column
    return table


def _of_npy(content: bytes, name: str) -> Input:
    try:
        return Input(np.load(io.BytesIO(content), allow_pickle=False))
    except (ValueError, EOFError, OSError) as error:
        raise click.UsageError(f"{name}: it cannot be read as a .npy file: {error}") from None


def _of_parquet(content: bytes, name: str) -> Input:
    try:
        import pandas as pd

        return Input(pd.read_parquet(io.BytesIO(content)))
    except ImportError as error:
        raise click.UsageError(f"{name}: a .parquet file needs pandas with pyarrow ({error.name or error})") from None
    except (ValueError, OSError) as error:
        raise click.UsageError(f"{name}: it cannot be read as a .parquet file: {error}") from None


_READERS: dict[str, Callable[[bytes, str], Input]] = {
    ".json": _of_json,
    ".csv": _of_csv,
    ".npy": _of_npy,
    ".parquet": _of_parquet,
}
