"""TensorFlow Serving's messages, both ways."""

from typing import Any

import msgspec
import numpy as np
import pytest

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import Encoding, Payload
from infergraph.payloads.tensorflow_json import decode_predict, encode_predict


def decoded(**message: Any) -> tuple[Payload, bool]:
    return decode_predict(msgspec.json.encode(message), 100)


def data(payload: Payload) -> Any:
    if payload.encoding is Encoding.TENSORS:
        return {name: array.tolist() for name, array in payload.data.items()}
    return payload.data.tolist()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1.0, 2.0], [1.0, 2.0]),
        (["foo", "bar"], ["foo", "bar"]),
        ([[[1, 2]], [[3, 4]]], [[[1, 2]], [[3, 4]]]),
        ([{"b64": "YQ=="}, {"b64": "Yg=="}], [b"a", b"b"]),
        ([{"x": [1, 2]}, {"x": [3, 4]}], [[1, 2], [3, 4]]),
        ([{"tag": "a", "s": [1]}, {"s": [2], "tag": "b"}], {"tag": ["a", "b"], "s": [[1], [2]]}),
        ([{"image": {"b64": "YQ=="}, "n": 1}], {"image": [b"a"], "n": [1]}),
        ([], []),
    ],
)
def test_instances_are_rows(value: Any, expected: Any) -> None:
    payload, is_rows = decoded(instances=value, signature_name="serving_default")
    assert (is_rows, data(payload)) == (True, expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, 2], [1, 2]),
        ({"x": [[1], [2]]}, [[1], [2]]),
        ({"tag": ["a"], "s": [[1, 2], [3, 4]]}, {"tag": ["a"], "s": [[1, 2], [3, 4]]}),
    ],
)
def test_inputs_are_columns(value: Any, expected: Any) -> None:
    payload, is_rows = decoded(inputs=value)
    assert (is_rows, data(payload)) == (False, expected)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({}, "got neither"),
        ({"instances": [1], "inputs": [1]}, "got both"),
        ({"instances": [1], "signature_name": 5}, "signature_name"),
        ({"instances": 5}, "Expected `array`"),
        ({"instances": [[1], [2, 3]]}, "rows of equal length"),
        ({"instances": [{"a": 1}, 2]}, r"instances\[1\]"),
        ({"instances": [{"a": 1}, {"b": 1}]}, "a, b differs"),
        ({"instances": [{}]}, "got 0"),
        ({"inputs": {}}, "got 0"),
        ({"inputs": {str(index): [1] for index in range(2000)}}, "got 2000"),
        ({"instances": [{"b64": "a"}]}, "Expected base64"),
        ({"instances": [{"b64": 5}]}, "Expected base64"),
        ([], "predict request"),
    ],
)
def test_what_is_no_request(message: Any, words: str) -> None:
    with pytest.raises(BadMessage, match=words):
        decode_predict(msgspec.json.encode(message), 100)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the body is empty"),
        (b'{"instances":%b}' % (b"[" * 120 + b"]" * 120), "at most 100 levels"),
        (b'{"instances":%b}' % (b"[" * 250_000), "at most 100 levels"),
        (b'{"instances":[NaN],"signature_name":1}', "predict request"),
    ],
)
def test_what_is_no_json_or_too_deep(body: bytes, words: str) -> None:
    with pytest.raises(BadMessage, match=words):
        decode_predict(body, 100)


TWO = Payload({"a": np.array([1, 2]), "b": np.array([[1.5], [2.5]])}, Encoding.TENSORS)


@pytest.mark.parametrize(
    ("payload", "is_rows", "expected"),
    [
        (Payload(np.array([2.5, 3.0]), Encoding.TENSOR), True, {"predictions": [2.5, 3.0]}),
        (Payload(np.array([[1]]), Encoding.TENSOR), False, {"outputs": [[1]]}),
        (Payload(np.array([b"a", "b"], object), Encoding.NDARRAY), True, {"predictions": [{"b64": "YQ=="}, "b"]}),
        (TWO, True, {"predictions": [{"a": 1, "b": [1.5]}, {"a": 2, "b": [2.5]}]}),
        (TWO, False, {"outputs": {"a": [1, 2], "b": [[1.5], [2.5]]}}),
        (Payload("x", Encoding.TEXT), True, {"predictions": ["x"]}),
        (Payload(b"a", Encoding.BYTES), True, {"predictions": [{"b64": "YQ=="}]}),
        (Payload({"any": 1}, Encoding.JSON), True, {"predictions": {"any": 1}}),
        (Payload(np.array(["2020-01-01"], "datetime64[D]"), Encoding.NDARRAY), True, {"predictions": ["2020-01-01"]}),
    ],
)
def test_answers_have_the_form_of_the_question(payload: Payload, is_rows: bool, expected: Any) -> None:
    assert msgspec.json.decode(encode_predict(payload, b"", is_rows=is_rows)) == expected


def test_outputs_of_different_lengths_are_no_rows() -> None:
    payload = Payload({"a": np.array([1, 2]), "b": np.array([1])}, Encoding.TENSORS)
    with pytest.raises(BadAnswer, match="ask in the form of `inputs`"):
        encode_predict(payload, b"", is_rows=True)
