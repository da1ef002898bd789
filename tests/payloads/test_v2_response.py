"""Inference responses: what becomes of an answer."""

from typing import Any

import msgspec
import numpy as np
import pytest

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import Encoding, Meta, Payload
from infergraph.payloads.v2_request import Wanted
from infergraph.payloads.v2_response import Model, encode_response

ALL = Wanted()
MODEL = Model("m", "1")


def answered(payload: Payload, wanted: Wanted = ALL) -> Any:
    body, length = encode_response(payload, wanted, MODEL, b"")
    return msgspec.json.decode(body[:length])


def outputs(payload: Payload, wanted: Wanted = ALL) -> list[tuple[Any, ...]]:
    return [tuple(output.values()) for output in answered(payload, wanted)["outputs"]]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (Payload(np.array([[1, 2]], np.int8), Encoding.TENSOR, ["a", "b"]), [("predict", "INT8", [1, 2], [1, 2])]),
        (Payload(np.array([["a"]], object), Encoding.NDARRAY), [("predict", "BYTES", [1, 1], ["a"])]),
        (Payload("text", Encoding.TEXT), [("predict", "BYTES", [1], ["text"])]),
        (Payload(b"text", Encoding.BYTES), [("predict", "BYTES", [1], ["text"])]),
        (Payload({"a": [1]}, Encoding.JSON), [("predict", "BYTES", [1], ['{"a":[1]}'])]),
        (
            Payload({"p": np.array([1.5]), "q": np.array([True])}, Encoding.TENSORS),
            [("p", "FP64", [1], [1.5]), ("q", "BOOL", [1], [True])],
        ),
        (
            Payload(np.array([["a", 1], ["b", 2]], object), Encoding.NDARRAY, ["x", "y"]),
            [("x", "BYTES", [2, 1], ["a", "b"]), ("y", "INT64", [2, 1], [1, 2])],
        ),
    ],
)
def test_each_kind_of_answer_has_its_outputs(payload: Payload, expected: list[Any]) -> None:
    assert outputs(payload) == expected


def test_only_what_is_wanted_in_the_order_and_form_that_is_wanted() -> None:
    payload = Payload({name: np.array([1], np.uint8) for name in "abc"}, Encoding.TENSORS)
    wanted = Wanted("7", {"c": {}, "a": {"binary_data": True}})
    body, length = encode_response(payload, wanted, MODEL, b"")
    assert length == len(body) - 1
    assert body[length:] == b"\1"
    head = msgspec.json.decode(body[:length])
    assert head["id"] == "7"
    assert head["outputs"] == [
        {"name": "c", "datatype": "UINT8", "shape": [1], "data": [1]},
        {"name": "a", "datatype": "UINT8", "shape": [1], "parameters": {"binary_data_size": 1}},
    ]


def test_tags_are_parameters() -> None:
    payload = Payload(np.array([1]), Encoding.TENSOR, [], Meta(tags={"a": 1, "b": "x", "c": [1], "d": np.int64(3)}))
    assert answered(payload)["parameters"] == {"a": 1, "b": "x", "c": "[1]", "d": 3}
    assert "parameters" not in answered(Payload(np.array([1]), Encoding.TENSOR))


def test_what_is_wanted_and_not_to_be_had() -> None:
    numbers = Payload(np.array([1]), Encoding.TENSOR)
    with pytest.raises(BadMessage, match="There is no output 'x'"):
        answered(numbers, Wanted(None, {"x": {}}))
    with pytest.raises(BadMessage, match="'FP32' is wanted"):
        answered(numbers, Wanted(None, {"predict": {"datatype": "FP32"}}))
    with pytest.raises(BadAnswer, match="int, str together"):
        answered(Payload(np.array([1, "a"], object), Encoding.NDARRAY))
    with pytest.raises(BadAnswer, match="Output `b` cannot be said"):
        answered(Payload(np.array([["a", 2**70]], object), Encoding.NDARRAY, ["a", "b"]))


def test_nan_is_written_as_the_question_wrote_it() -> None:
    payload = Payload(np.array([np.nan]), Encoding.TENSOR)
    assert b'["NaN"]' in encode_response(payload, Wanted(), MODEL, b"")[0]
    assert b"[NaN]" in encode_response(payload, Wanted(), MODEL, b"[NaN]")[0]
