"""The v2 protocol in protobuf from the caller's side: what is written is what a server reads, and the other way."""

from typing import Any

import numpy as np
import pytest

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import Encoding, Payload
from infergraph.payloads.protos import ModelInferRequest, ModelInferResponse, ModelMetadataResponse, ModelReadyResponse
from infergraph.payloads.v2_proto_call import decode_metadata, decode_ready, decode_response, encode_request
from infergraph.payloads.v2_proto_request import decode_request
from infergraph.payloads.v2_proto_response import encode_response
from infergraph.payloads.v2_request import Wanted
from infergraph.payloads.v2_response import Model

ARRAYS = [
    np.array([[1.5, 2.5]], dtype=np.float32),
    np.array([[1.5], [2.5]]),
    np.arange(100_000, dtype=np.float32).reshape(2, -1),
    np.array([[1, -2]], dtype=np.int8),
    np.array([2**63], dtype=np.uint64),
    np.array([1.5], dtype=np.float16),
    np.array([True, False]),
    np.array([[b"a", b"\xff"]], dtype=object),
    np.empty((0, 3)),
]


@pytest.mark.parametrize("is_raw", [False, True])
@pytest.mark.parametrize("array", ARRAYS)
def test_arrays_there_and_back(array: Any, is_raw: bool) -> None:
    question = decode_request(encode_request(Payload(array, Encoding.V2, tensor="x"), "m", []))
    found = question.payload
    assert (question.model, found.tensor, found.data.dtype) == ("m", "x", array.dtype)
    assert np.array_equal(found.data, array)
    answer = decode_response(encode_response(found, Wanted(is_binary=is_raw), Model("m", "1")))
    assert (answer.tensor, answer.data.dtype) == ("x", array.dtype)
    assert np.array_equal(answer.data, array)


def test_values_are_typed_unless_a_datatype_is_raw_only() -> None:
    typed = ModelInferRequest.FromString(encode_request(Payload(np.array([1.5]), Encoding.V2), "m", []))
    assert (list(typed.inputs[0].contents.fp64_contents), len(typed.raw_input_contents)) == ([1.5], 0)
    mixed = {"a": np.array([1.5]), "b": np.array([1.5], dtype=np.float16)}
    raw = ModelInferRequest.FromString(encode_request(Payload(mixed, Encoding.TENSORS), "m", []))
    assert [len(content) for content in raw.raw_input_contents] == [8, 2]


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (ModelInferResponse(), "Expected 1 to 1000 outputs, got 0"),
        (ModelInferResponse(outputs=[{"name": "x", "datatype": "FP32", "shape": [1]}]), r"\$\.outputs\[0\]"),
        (ModelInferResponse(outputs=[{"name": "x", "datatype": "?", "shape": [1]}]), "got '\\?'"),
        (
            ModelInferResponse(
                outputs=[{"name": "x", "datatype": "FP32", "shape": [1]}], raw_output_contents=[b"", b""]
            ),
            "Expected 1 raw_output_contents, got 2",
        ),
    ],
)
def test_what_is_no_response(response: Any, words: str) -> None:
    with pytest.raises(BadMessage, match=words):
        decode_response(response.SerializeToString())


def test_a_name_that_protobuf_cannot_say() -> None:
    with pytest.raises(BadAnswer, match="cannot say"):
        encode_request(Payload({"\ud800": np.array([1]), "b": np.array([1])}, Encoding.TENSORS), "m", [])


def test_what_a_model_says_of_itself() -> None:
    said = ModelMetadataResponse(name="m", versions=["1"], platform="p")
    said.inputs.add(name="x", datatype="FP32", shape=[-1, 2])
    assert decode_metadata(said.SerializeToString()) == {
        "name": "m",
        "versions": ["1"],
        "platform": "p",
        "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 2]}],
        "outputs": [],
    }
    assert decode_ready(ModelReadyResponse(ready=True).SerializeToString())
