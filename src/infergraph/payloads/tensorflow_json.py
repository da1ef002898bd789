"""TensorFlow Serving's protocol over REST: bytes to payload and back (tensorflow.org/tfx/serving/api_rest).

Rows come as ``instances`` and go as ``predictions``, columns come as ``inputs`` and go as ``outputs``.
"""

import base64
import binascii
from typing import Any

import msgspec
from msgspec import UNSET

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import json_text
from infergraph.payloads.arrays import from_nested, json_type
from infergraph.payloads.payload import Array, Encoding, JsonObject, Payload, check_not_custom
from infergraph.payloads.v2_request import MAX_TENSORS, payload_of_tensors


class PredictRequest(msgspec.Struct):
    """The request: one of both forms. There is one signature here, so its name is taken and not used."""

    signature_name: str | None = None
    instances: Any = UNSET
    inputs: Any = UNSET


_decoder = msgspec.json.Decoder(PredictRequest)


def decode_predict(body: bytes, max_depth: int) -> tuple[Payload, bool]:
    """The payload of a predict request, and whether it came as rows.

    :raises BadMessage: when it is no such request, or holds what cannot be kept exactly.
    """
    request = json_text.decode_as(_decoder, body, max_depth, "a predict request")
    return payload_of_either(body, max_depth, rows=("instances", request.instances), columns=("inputs", request.inputs))


def encode_predict(payload: Payload, question: bytes, *, is_rows: bool) -> bytes:
    """The answer to a predict request, in rows or in columns as the question was; bytes as ``{"b64": …}``.

    :raises BadAnswer: when it cannot be said in JSON, or several outputs have different numbers of rows.
    """
    value = in_rows(payload.data) if is_rows and payload.encoding is Encoding.TENSORS else _plain(payload)
    return json_text.encode({"predictions" if is_rows else "outputs": value}, question)


def payload_of_either(
    body: bytes, max_depth: int, *, rows: tuple[str, Any], columns: tuple[str, Any]
) -> tuple[Payload, bool]:
    """The payload of a body that has rows or columns, each a field and what it holds; and whether it has rows.

    :raises BadMessage: when it has both or neither of them, or holds what cannot be kept exactly.
    """
    is_rows = rows[1] is not UNSET
    if is_rows == (columns[1] is not UNSET):
        got = "both" if is_rows else "neither"
        raise BadMessage(f"Expected either `{rows[0]}` or `{columns[0]}`, got {got} - at `$`")
    name, value = rows if is_rows else columns
    json_text.check_text_depth(body, max_depth)
    return payload_of_value(body, value, f"$.{name}", is_rows=is_rows), is_rows


def payload_of_value(body: bytes, value: Any, path: str, *, is_rows: bool) -> Payload:
    """The payload of rows or of columns, which stand at ``path`` in a body. :raises BadMessage: when they are none."""
    if b"b64" in body:
        value = _with_bytes(value)
    if not is_rows and isinstance(value, dict):
        columns = {name: (column, f"{path}.{name}") for name, column in value.items()}
    elif is_rows and isinstance(value, list) and value and isinstance(value[0], dict):
        columns = {name: (column, path) for name, column in _transposed(value, path).items()}
    else:
        return Payload(from_nested(value, path), Encoding.TF)
    if not 1 <= len(columns) <= MAX_TENSORS:
        raise BadMessage(f"Expected 1 to {MAX_TENSORS} named inputs, got {len(columns)} - at `{path}`")
    tensors = {name: from_nested(column, where) for name, (column, where) in columns.items()}
    return payload_of_tensors(tensors, Encoding.TF)


def _transposed(rows: list[Any], path: str) -> dict[str, list[Any]]:
    """The columns of rows that name their values: each row has to name the same ones."""
    names = rows[0].keys()
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            raise BadMessage(f"Expected an object as the first is, got `{json_type(row)}` - at `{path}[{index}]`")
        if row.keys() != names:
            odd = ", ".join(sorted(row.keys() ^ names))
            raise BadMessage(f"Expected the names of the first instance, and {odd:.100} differs - at `{path}[{index}]`")
    return {name: [row[name] for row in rows] for name in names}


def _with_bytes(value: Any) -> Any:
    """The value with bytes for each ``{"b64": text}``."""
    if isinstance(value, list):
        return [_with_bytes(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() != {"b64"}:
        return {name: _with_bytes(item) for name, item in value.items()}
    try:
        return base64.b64decode(value["b64"], validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise BadMessage(f"Expected base64 in an object with the key b64, got something else: {error}") from None


def _plain(payload: Payload) -> Any:
    if payload.encoding is Encoding.TENSORS:
        return {name: nested(array) for name, array in payload.data.items()}
    if payload.is_array:
        return nested(payload.data)
    check_not_custom(payload)
    return payload.data if payload.encoding is Encoding.JSON else _said([payload.data])


def in_rows(tensors: dict[str, Array]) -> list[JsonObject]:
    """Named arrays as rows that name their values. :raises BadAnswer: when they have different numbers of rows."""
    sizes = {name: len(array) if array.ndim else None for name, array in tensors.items()}
    if len(set(sizes.values())) > 1 or None in sizes.values():
        raise BadAnswer(f"Outputs of different numbers of rows are no instances ({sizes}); ask in the form of `inputs`")
    columns = {name: nested(array) for name, array in tensors.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def nested(array: Array) -> Any:
    """The lists of an array; bytes as ``{"b64": …}``."""
    values = (array.astype(str) if array.dtype.kind in "Mm" else array).tolist()
    return _said(values) if array.dtype.kind in "OS" else values


def _said(value: Any) -> Any:
    """The value with an object of its base64 for each bytes."""
    if isinstance(value, list):
        return [_said(item) for item in value]
    return {"b64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
