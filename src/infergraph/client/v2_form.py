"""Payloads as requests and responses of the v2 protocol, every tensor as bytes."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET

from infergraph.client.errors import BadReply, Unsendable
from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import v2_meta
from infergraph.payloads.datatypes import BYTES, check_datatype, typed
from infergraph.payloads.payload import NO_META, Array, Encoding, JsonObject, Payload
from infergraph.payloads.v2_binary import from_binary, to_binary
from infergraph.payloads.v2_json import from_json
from infergraph.payloads.v2_request import LENGTH_HEADER

LENGTH = LENGTH_HEADER.lower()


class _Output(msgspec.Struct):
    name: str
    shape: list[int]
    datatype: str
    parameters: JsonObject | None = None
    data: Any = UNSET


class _Response(msgspec.Struct):
    outputs: list[_Output]
    parameters: JsonObject | None = None


_decoder = msgspec.json.Decoder(_Response)


def is_fit(payload: Payload) -> bool:
    """Whether the protocol says everything that a payload has: arrays of one type, without names and tags."""
    if payload.encoding is Encoding.TENSORS:
        return True
    if payload.encoding is not Encoding.V2 or payload.names or payload.meta is not NO_META:
        return False
    array = payload.data
    return array.dtype != object or set(map(type, array.ravel())) in (set(), {str}, {bytes})


def encode(payload: Payload) -> tuple[bytes, int]:
    """The body of a request, and how many bytes of it are JSON; each array is copied once, into the body.

    :raises Unsendable: when the protocol has no datatype for an array.
    """
    # One column under a name is a named column to the server, and this one has no name.
    is_column = payload.is_array and payload.data.ndim == 2 and payload.data.shape[1] == 1
    tensors = {"" if is_column else "input": payload.data} if payload.is_array else payload.data
    inputs, contents = [], []
    for name, array in tensors.items():
        one, content = _input(name, array)
        inputs.append(one)
        contents.append(content)
    head = msgspec.json.encode({"inputs": inputs, "parameters": {"binary_data_output": True, v2_meta.PARAMETER: True}})
    return b"".join([head, *contents]), len(head)


def decode(body: bytes, headers: Mapping[str, str]) -> Payload:
    """The payload of a response; its arrays are views on a copy of the body, and can be written to.

    :raises BadReply: when it is no such response.
    """
    length = headers.get(LENGTH, str(len(body)))
    if not length.isdigit() or int(length) > len(body):
        raise BadReply(f"The answer announces {length:.20} bytes of JSON, and has {len(body)} bytes")
    try:
        response = _decoder.decode(body[: int(length)])
        tensors = _tensors(response, memoryview(bytearray(body))[int(length) :])
        carried = v2_meta.decode(response.parameters or {})
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, BadMessage) as error:
        raise BadReply(f"The answer is no inference response: {error}") from None
    return v2_meta.joined(tensors, carried)


def _input(name: str, array: Array) -> tuple[JsonObject, memoryview | bytes]:
    try:
        datatype, held = typed(array, name)
        content = to_binary(datatype, held, name)
    except BadAnswer as error:
        raise Unsendable(str(error)) from None
    parameters: JsonObject = {"binary_data_size": memoryview(content).nbytes}
    if datatype == BYTES and v2_meta.is_texts(held):
        parameters["content_type"] = "str"
    return {"name": name, "datatype": datatype, "shape": list(array.shape), "parameters": parameters}, content


def _tensors(response: _Response, binary: memoryview) -> dict[str, Array]:
    tensors = {}
    for index, output in enumerate(response.outputs):
        path = f"$.outputs[{index}]"
        size = (output.parameters or {}).get("binary_data_size", 0)
        if type(size) is not int or not 0 <= size <= len(binary):
            raise BadMessage(f"{size!r:.40} bytes are announced, and {len(binary)} are left - at `{path}`")
        tensors[output.name] = _read(output, binary[:size], path)
        binary = binary[size:]
    return tensors


def _read(output: _Output, binary: memoryview, path: str) -> Array:
    check_datatype(output.datatype, path)
    if output.data is not UNSET:
        return from_json(output.datatype, output.shape, output.data, path)
    array = from_binary(output.datatype, output.shape, binary, path)
    if (output.parameters or {}).get("content_type") != "str":
        return array
    texts = np.empty(array.size, dtype=object)
    texts[:] = [value.decode() for value in array.ravel()]
    return texts.reshape(array.shape)
