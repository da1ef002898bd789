"""The inference response of the v2 protocol: JSON, and after it the tensors that are wanted as bytes."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import numpy as np

from infergraph.errors import BadMessage
from infergraph.payloads import json_text, v2_meta
from infergraph.payloads.datatypes import BF16, BYTES, plain, typed
from infergraph.payloads.payload import Array, Encoding, JsonObject, Payload, check_not_custom
from infergraph.payloads.v2_binary import to_binary
from infergraph.payloads.v2_json import to_json
from infergraph.payloads.v2_request import Wanted

DEFAULT_NAME = "predict"


class Model(msgspec.Struct, frozen=True):
    """What a response says of its model, and what the first output of the model is called."""

    name: str
    version: str
    output: str = DEFAULT_NAME


def encode_response(payload: Payload, wanted: Wanted, model: Model, question: bytes) -> tuple[bytes, int | None]:
    """The body of the response, and how many bytes of it are JSON: None when all of them are.

    ``question`` is the JSON that it answers. Each array is copied once, into the body.

    :raises BadMessage: when an output is wanted that there is none of, or in a form that it cannot have.
    :raises BadAnswer: when an output holds what no datatype does.
    """
    payload, carried = v2_meta.split(payload) if wanted.has_meta else (payload, None)
    outputs: list[JsonObject] = []
    contents: list[memoryview | bytes] = []
    for name, datatype, array, parameters in outputs_of(payload, wanted, model):
        output: JsonObject = {"name": name, "datatype": datatype, "shape": list(array.shape)}
        if parameters.get("binary_data", wanted.is_binary):
            contents.append(content := to_binary(datatype, array, name))
            output["parameters"] = {"binary_data_size": memoryview(content).nbytes}
        else:
            output["data"] = to_json(datatype, array, name)
        if carried is not None and datatype == BYTES and v2_meta.is_texts(array):
            output["parameters"] = {**output.get("parameters", {}), "content_type": "str"}
        outputs.append(output)
    head = json_text.encode(_response(payload, wanted, model, outputs, carried), question)
    return (b"".join([head, *contents]), len(head)) if contents else (head, None)


def outputs_of(payload: Payload, wanted: Wanted, model: Model) -> Iterator[tuple[str, str, Array, JsonObject]]:
    """The outputs that are wanted, ready to be written: name, datatype, the array held so, and what was asked of it.

    :raises BadMessage: when an output is wanted that there is none of, or as a datatype that it cannot have.
    :raises BadAnswer: when an output holds what no datatype does.
    """
    for name, array in chosen(tensors_of(payload, model.output), wanted.outputs, "$.outputs").items():
        parameters = (wanted.outputs or {}).get(name, {})
        yield name, *_as_wanted(*typed(array, name), parameters, name), parameters


def tensors_of(payload: Payload, name: str) -> dict[str, Array]:
    """The outputs of an answer by name: one called ``name`` unless it has one, several for named arrays and for a table
    of mixed columns.

    Text, bytes, and JSON as its text, are one output of one element.
    """
    data = payload.data
    if payload.encoding is Encoding.TENSORS:
        return {key: np.asarray(value) for key, value in data.items()}
    if payload.is_array:
        return _columns(payload) if _is_mixed_table(payload) else {payload.tensor or name: data}
    check_not_custom(payload)
    if payload.encoding is Encoding.JSON:
        data = json_text.encode(data).decode()
    array = np.empty(1, dtype=object)
    array[0] = data
    return {name: array}


def _is_mixed_table(payload: Payload) -> bool:
    data, names = payload.data, payload.names
    if data.dtype != object or data.ndim != 2 or len(set(names)) != data.shape[1]:
        return False
    kinds = set(map(type, data.ravel()))
    return len(kinds) > 1 and not kinds <= {str, bytes}


def _columns(payload: Payload) -> dict[str, Array]:
    """A table whose columns are of different types, as data frames are: one output for each."""
    rows = payload.data.shape[0]
    columns = {name: payload.data[:, index].tolist() for index, name in enumerate(payload.names)}
    return {name: plain(values, name).reshape(rows, 1) for name, values in columns.items()}


def chosen(tensors: dict[str, Array], names: Iterable[str] | None, path: str) -> dict[str, Array]:
    """The outputs of these names; all of them for None. :raises BadMessage: when there is none of a name."""
    if names is None:
        return tensors
    for name in names:
        if name not in tensors:
            known = ", ".join(tensors)
            raise BadMessage(f"There is no output {name!r:.60}; the outputs are {known:.200} - at `{path}`")
    return {name: tensors[name] for name in names}


def _as_wanted(datatype: str, array: Array, parameters: JsonObject, name: str) -> tuple[str, Array]:
    """BF16 is a datatype that numpy does not have, so an answer is of it only where the request says so."""
    wanted = parameters.get("datatype", datatype)
    if wanted == datatype:
        return datatype, array
    if wanted != BF16 or array.dtype.kind != "f":
        raise BadMessage(f"Output `{name}` is {datatype}, and {wanted!r:.40} is wanted; floats can be had as BF16")
    with np.errstate(over="ignore"):
        return BF16, array.astype(np.float32)


def _response(
    payload: Payload, wanted: Wanted, model: Model, outputs: list[JsonObject], carried: str | None
) -> JsonObject:
    response: JsonObject = {"model_name": model.name, "model_version": model.version, "outputs": outputs}
    if wanted.id is not None:
        response["id"] = wanted.id
    if payload.meta.tags:
        response["parameters"] = parameters_of(payload.meta.tags)
    if carried is not None:
        response["parameters"] = {**response.get("parameters", {}), v2_meta.PARAMETER: carried}
    return response


def parameters_of(tags: JsonObject) -> JsonObject:
    """Tags as the parameters of a response."""
    return {name: _parameter(value) for name, value in tags.items()}


def _parameter(value: Any) -> Any:
    """A tag as a parameter, which is a text, a number or a boolean; what is none is written as its JSON text."""
    is_plain = isinstance(value, str | int | float | np.number | np.bool_)
    return value if is_plain else json_text.encode(value).decode()
