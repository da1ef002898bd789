"""How `infergraph predict` writes what it was answered."""

import csv
import io
import sys
from collections.abc import Sequence
from enum import Enum
from typing import Any

import click
import msgspec
import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infergraph.client import ClientError, Result
from infergraph.payloads import Encoding, Payload, json_text
from infergraph.payloads.seldon_message import message_of

MAX_SHOWN = 50  # rows of a table on a terminal


class Output(Enum):
    """The form of what is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    NPY = "npy"


class Answers:
    """The answers to the pieces of one question, as one."""

    def __init__(self, results: Sequence[Result]) -> None:
        self.first = results[0]
        payload = self.first.answer
        if len(results) > 1:
            payload = msgspec.structs.replace(payload, data=_joined([result.answer for result in results]))
        self.payload: Payload = payload

    def rows(self) -> tuple[list[str], list[list[Any]]]:
        """The answer as rows under names. :raises ClientError: when it has another form."""
        payload = self.payload
        if payload.encoding is Encoding.TENSORS:
            columns = {name: np.asarray(array).ravel().tolist() for name, array in payload.data.items()}
            if len({len(column) for column in columns.values()}) > 1:
                raise ClientError("The answer has several arrays of different sizes; --output json writes them")
            return list(columns), [list(row) for row in zip(*columns.values(), strict=True)]
        if not payload.is_array:
            return ["answer"], [[payload.data]]
        array = payload.data
        flat = array.reshape(-1, 1) if array.ndim < 2 else array.reshape(len(array), -1) if array.size else array
        names = payload.names if len(payload.names) == flat.shape[1] else [str(i) for i in range(flat.shape[1])]
        return names, flat.tolist()


def write(answers: Answers, output: Output) -> None:
    """Write to standard output. :raises ClientError: when the answer has no such form."""
    if output is Output.TABLE:
        _write_table(answers)
    elif output is Output.JSON:
        click.echo(_json(answers.payload))
    elif output is Output.CSV:
        names, rows = answers.rows()
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([names, *rows])
        click.echo(text.getvalue(), nl=False)
    else:
        _write_npy(answers.payload)


def _write_table(answers: Answers) -> None:
    names, rows = answers.rows()
    table = Table(*map(escape, names))
    for row in rows[:MAX_SHOWN]:
        table.add_row(*(escape(_cell(value)) for value in row))
    console = Console()
    console.print(table)
    if len(rows) > MAX_SHOWN:
        console.print(f"[dim]and {len(rows) - MAX_SHOWN} rows more; --output csv writes all[/]")
    first = answers.first
    known = {"tags": first.tags, "routing": first.routing, "puid": first.puid}
    said = "  ".join(f"{name} {value}" for name, value in known.items() if value)
    console.print(f"[dim]{escape(said)}[/]", highlight=False)


def _cell(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _json(payload: Payload) -> str:
    """The answer as a message of the seldon protocol."""
    if payload.is_array:
        payload = msgspec.structs.replace(payload, encoding=Encoding.NDARRAY)
    message = message_of(payload)
    if payload.encoding is Encoding.TENSORS:
        message["jsonData"] = {name: _texts(array) for name, array in payload.data.items()}
    elif payload.is_array:
        message["data"]["ndarray"] = _texts(payload.data)
    return json_text.encode(message).decode()


def _texts(array: Any) -> Any:
    return _text(np.asarray(array).tolist())


def _text(value: Any) -> Any:
    """Bytes inside an array as the text that they are; JSON has no other words for them."""
    if isinstance(value, list):
        return [_text(item) for item in value]
    return value.decode(errors="backslashreplace") if isinstance(value, bytes) else value


def _write_npy(payload: Payload) -> None:
    if not payload.is_array:
        raise ClientError(f"The answer is {payload.encoding.value}, and --output npy writes arrays")
    array = payload.data
    if array.dtype == object:
        array = array.astype(str)
    np.save(sys.stdout.buffer, array, allow_pickle=False)
    sys.stdout.buffer.flush()


def _joined(payloads: Sequence[Payload]) -> Any:
    if not all(payload.is_array for payload in payloads):
        raise ClientError("The answers to the pieces are no arrays, so they do not make one; leave out --batch-rows")
    try:
        return np.concatenate([payload.data for payload in payloads])
    except ValueError as error:
        raise ClientError(f"The answers to the pieces do not fit together: {error}") from None
