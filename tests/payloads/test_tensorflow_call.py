"""TensorFlow Serving's protocol over REST from the caller's side."""

import json
from typing import Any

import numpy as np
import pytest

from infergraph.errors import BadMessage
from infergraph.payloads import Encoding, Payload
from infergraph.payloads.declared import Declared
from infergraph.payloads.tensorflow_call import decode_answer, decode_metadata, encode_request
from infergraph.payloads.tensorflow_json import decode_predict


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (Payload(np.array([[1.5, 2.5]]), Encoding.NDARRAY), {"instances": [[1.5, 2.5]]}),
        (Payload(np.array(1.5), Encoding.V2), {"inputs": 1.5}),
        (Payload(np.array([b"\xff"], dtype=object), Encoding.V2), {"instances": [{"b64": "/w=="}]}),
        (
            Payload({"a": np.array([1, 2]), "b": np.array([[3], [4]])}, Encoding.TENSORS),
            {"instances": [{"a": 1, "b": [3]}, {"a": 2, "b": [4]}]},
        ),
        (
            Payload({"a": np.array([1, 2]), "b": np.array([3])}, Encoding.TENSORS),
            {"inputs": {"a": [1, 2], "b": [3]}},
        ),
        (Payload({"a": np.array(1), "b": np.array(2)}, Encoding.TENSORS), {"inputs": {"a": 1, "b": 2}}),
    ],
)
def test_rows_where_there_are_rows(payload: Payload, expected: Any) -> None:
    assert json.loads(encode_request(payload, [])) == expected


def test_rows_are_read_as_they_were() -> None:
    arrays = {"a": np.array([1, 2]), "b": np.array([[3], [4]])}
    payload, is_rows = decode_predict(encode_request(Payload(arrays, Encoding.TENSORS), []), 10)
    assert is_rows
    assert {name: array.tolist() for name, array in payload.data.items()} == {"a": [1, 2], "b": [[3], [4]]}


def test_numbers_are_of_the_type_that_is_declared() -> None:
    body = encode_request(Payload(np.array([[1, 2]]), Encoding.NDARRAY), [Declared("x", "FP32")])
    assert body == b'{"instances":[[1.0,2.0]]}'


def test_a_signature_is_asked_by_its_name() -> None:
    body = encode_request(Payload(np.array([[1.5]]), Encoding.NDARRAY), [], signature="s")
    assert body == b'{"instances":[[1.5]],"signature_name":"s"}'


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"predictions": [[1.5]]}, [[1.5]]),
        ({"outputs": [[1.5]]}, [[1.5]]),
        ({"predictions": [{"b64": "/w=="}]}, [b"\xff"]),
        ({"outputs": {"y": [1.5]}}, [1.5]),
    ],
)
def test_an_answer(answer: Any, expected: Any) -> None:
    payload = decode_answer(json.dumps(answer).encode(), 10)
    assert (payload.data.tolist(), payload.encoding) == (expected, Encoding.TF)


def test_answers_of_several_outputs() -> None:
    for answer in ({"predictions": [{"a": 1, "b": [2]}]}, {"outputs": {"a": [1], "b": [[2]]}}):
        payload = decode_answer(json.dumps(answer).encode(), 10)
        assert {name: array.tolist() for name, array in payload.data.items()} == {"a": [1], "b": [[2]]}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{}", "Expected either `predictions` or `outputs`, got neither"),
        (b'{"predictions":[1],"outputs":[1]}', "got both"),
        (b'{"predictions":[[1],[2,3]]}', r"\$\.predictions"),
        (b"[1]", "an answer to a predict request"),
        (b"nothing", "Can't find JSON"),
    ],
)
def test_what_is_no_answer(body: bytes, words: str) -> None:
    with pytest.raises(BadMessage, match=words):
        decode_answer(body, 10)


def test_what_a_model_says_of_itself() -> None:
    tensor = {"dtype": "DT_FLOAT", "tensor_shape": {"dim": [{"size": "-1", "name": ""}, {"size": "4"}]}, "name": "x:0"}
    signature = {"inputs": {"x": tensor}, "outputs": {}, "method_name": "tensorflow/serving/predict"}
    definition = {"signature_def": {"serving_default": signature}}
    for signatures in (definition, definition["signature_def"]):  # a server has the word once or twice
        body = json.dumps({"model_spec": {}, "metadata": {"signature_def": signatures}}).encode()
        found = decode_metadata(body, 20)
        assert found == {
            "platform": "tensorflow",
            "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 4]}],
            "outputs": [],
        }
    with pytest.raises(BadMessage, match="signature_def"):
        decode_metadata(b'{"metadata":{}}', 10)
