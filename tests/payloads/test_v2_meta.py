"""What is beside the arrays, through a protocol that has no place for it."""

from typing import Any

import msgspec
import numpy as np
import pytest

from infergraph.errors import BadMessage
from infergraph.payloads import Encoding, Meta, Payload, v2_meta
from infergraph.payloads.v2_request import Wanted, decode_request
from infergraph.payloads.v2_response import Model, encode_response

MODEL = Model("m", "1")
META = Meta(tags={"a": {"b": [1]}}, routing={"r": 1}, metrics=[{"key": "k", "type": "COUNTER", "value": 1}])
MIXED = np.array([["a", 1, None]], dtype=object)
PAYLOADS = [
    Payload(np.ones((1, 2)), Encoding.V2, ["x", "y"], META),
    Payload(np.ones((1, 2)), Encoding.TENSOR),
    Payload(MIXED, Encoding.V2, ["x", "y", "z"], META),
    Payload({"a": np.ones(1), "b": np.array(["t"], dtype=object)}, Encoding.TENSORS, [], META),
    Payload({"a": np.ones(1)}, Encoding.TENSORS),
    Payload("text", Encoding.TEXT, [], META),
    Payload(b"\xff", Encoding.BYTES),
    Payload({"a": [1, None]}, Encoding.JSON),
]


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.encoding.value)
def test_what_was_split_is_joined(payload: Payload) -> None:
    response = answered(payload, has_meta=True)
    carried = v2_meta.decode(response["parameters"])
    tensors = {output["name"]: array_of(output) for output in response["outputs"]}
    if payload.encoding is Encoding.BYTES:
        return
    joined = v2_meta.joined(tensors, carried)
    assert (joined.names, joined.meta) == (payload.names, payload.meta)
    assert msgspec.json.encode(plain(joined.data)) == msgspec.json.encode(plain(payload.data))


def answered(payload: Payload, *, has_meta: bool) -> Any:
    is_binary = payload.encoding is Encoding.BYTES
    body, length = encode_response(payload, Wanted(has_meta=has_meta, is_binary=is_binary), MODEL, b"")
    return msgspec.json.decode(body[:length])


def array_of(output: Any) -> Any:
    dtype = object if output["datatype"] == "BYTES" else np.float64
    return np.array(output.get("data", []), dtype=dtype).reshape(output["shape"] if "data" in output else 0)


def plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: plain(value) for name, value in data.items()}
    return data.tolist() if isinstance(data, np.ndarray) else data


def test_others_are_not_told() -> None:
    response = answered(PAYLOADS[0], has_meta=False)
    assert response["parameters"] == {"a": '{"b":[1]}'}
    assert set(response["outputs"][0]) == {"name", "datatype", "shape", "data"}


def test_texts_are_told_from_bytes() -> None:
    array = np.array(["a"], dtype=object)
    (output,) = answered(Payload(array, Encoding.V2), has_meta=True)["outputs"]
    assert output["parameters"] == {"content_type": "str"}
    (output,) = answered(Payload(array, Encoding.V2), has_meta=False)["outputs"]
    assert "parameters" not in output


def test_a_request_asks_for_it() -> None:
    request = b'{"inputs":[{"name":"x","shape":[1],"datatype":"FP64","data":[1]}],"parameters":{"infergraph_meta":%s}}'
    assert decode_request(request % b"true", None, 100)[1].has_meta is True
    assert decode_request(request % b"false", None, 100)[1].has_meta is False
    with pytest.raises(BadMessage, match=r"Expected true or false, got 1 - at `\$\.parameters\.infergraph_meta`"):
        decode_request(request % b"1", None, 100)


def test_a_response_that_carries_nothing() -> None:
    assert v2_meta.decode({}) == v2_meta.Carried()
    assert v2_meta.decode({v2_meta.PARAMETER: True}) == v2_meta.Carried()
