"""The v2 protocol from the caller's side: what is written is what a server reads, and the other way round."""

import json
from typing import Any

import numpy as np
import pytest

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import Encoding, Payload
from infergraph.payloads.declared import Declared
from infergraph.payloads.v2_call import decode_metadata, decode_response, encode_request
from infergraph.payloads.v2_request import Wanted, decode_request
from infergraph.payloads.v2_response import Model, encode_response

ARRAYS = [
    np.array([[1.5, 2.5]], dtype=np.float32),
    np.array([[1, -2]], dtype=np.int8),
    np.array([True, False]),
    np.array([["a", "b"]], dtype=object),
    np.empty((0, 3)),
]


@pytest.mark.parametrize("array", ARRAYS)
def test_arrays_there_and_back(array: Any) -> None:
    payload, _ = decode_request(encode_request(Payload(array, Encoding.V2, tensor="x"), []), None, 10)
    assert (payload.data.dtype, payload.data.tolist(), payload.tensor) == (array.dtype, array.tolist(), "x")
    body, _ = encode_response(payload, Wanted(), Model("m", "1"), b"")
    answer = decode_response(body, 10)
    assert (answer.data.dtype, answer.data.tolist(), answer.tensor) == (array.dtype, array.tolist(), "x")


def test_a_request_is_json_that_every_server_reads() -> None:
    body = json.loads(encode_request(Payload(np.array([[1.0, 2.0]]), Encoding.NDARRAY), [Declared("x", "FP32")]))
    assert body == {"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1.0, 2.0]}]}


def test_bytes_that_json_has_no_word_for_are_not_sent_as_others() -> None:
    with pytest.raises(BadAnswer, match="can go over gRPC only"):
        encode_request(Payload(b"\xff", Encoding.BYTES), [])


def test_several_outputs_and_parameters() -> None:
    tensor = {"shape": [1], "datatype": "INT64", "data": [1]}
    outputs = [{"name": "b", **tensor}, {"name": "a", **tensor}]
    answer = decode_response(json.dumps({"outputs": outputs, "parameters": {"k": "v"}, "id": "i"}).encode(), 10)
    assert (answer.encoding, list(answer.data), answer.meta.tags) == (Encoding.TENSORS, ["b", "a"], {"k": "v"})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"nothing", "Can't find JSON"),
        (b"{}", "Expected an inference response"),
        (b'{"outputs":[]}', "Expected 1 to 1000 outputs, got 0"),
        (b'{"outputs":[{"name":"x","shape":[2],"datatype":"FP32","data":[1]}]}', r"\$\.outputs\[0\]\.data"),
        (b'{"outputs":[{"name":"x","shape":[1],"datatype":"FP31","data":[1]}]}', "got 'FP31'"),
        (b'{"outputs":[{"name":"x","shape":[1],"datatype":"FP32"}]}', "got neither"),
        (
            b'{"outputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[1]}],"parameters":{"a":[[[[[]]]]]}}',
            "nested",
        ),
    ],
)
def test_what_is_no_response(body: bytes, words: str) -> None:
    with pytest.raises(BadMessage, match=words):
        decode_response(body, 4)


def test_bare_numbers_that_json_has_no_word_for_are_read() -> None:
    body = b'{"outputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[NaN]}]}'
    assert np.isnan(decode_response(body, 10).data[0])


def test_metadata_are_an_object() -> None:
    assert decode_metadata(b'{"name":"m"}', 10) == {"name": "m"}
    with pytest.raises(BadMessage, match="expected a JSON object"):
        decode_metadata(b"[]", 10)
