"""A payload as a model wants its inputs."""

from typing import Any

import numpy as np
import pytest

from infergraph.payloads import Encoding, Payload
from infergraph.payloads.declared import Declared, declared_in, inputs_of

X = Declared("x", "FP32")


def test_what_metadata_declare() -> None:
    inputs = [{"name": "x", "datatype": "FP32", "shape": [-1]}, {"name": "y"}, {"messagetype": "jsonData"}, 3]
    assert declared_in({"inputs": inputs}) == [X, Declared("y")]
    assert declared_in({"inputs": None}) == declared_in({}) == []


@pytest.mark.parametrize(
    ("payload", "declared", "names"),
    [
        (Payload(np.array([1.0]), Encoding.NDARRAY), [], ["input-0"]),
        (Payload(np.array([1.0]), Encoding.V2, tensor="a"), [], ["a"]),
        (Payload(np.array([1.0]), Encoding.V2, tensor="a"), [X], ["x"]),
        (Payload(np.array([1.0]), Encoding.V2, tensor="a"), [X, Declared("y")], ["a"]),
        (Payload({"b": np.array([1]), "a": np.array([2])}, Encoding.TENSORS), [X], ["b", "a"]),
        (Payload("text", Encoding.TEXT), [], ["input-0"]),
    ],
)
def test_one_array_is_called_as_the_only_input_is(payload: Payload, declared: list[Declared], names: list[str]) -> None:
    assert list(inputs_of(payload, declared, "input-0")) == names


@pytest.mark.parametrize(
    ("values", "encoding", "datatype", "expected"),
    [
        ([1.5], Encoding.NDARRAY, "FP32", "FP32"),
        ([1], Encoding.TENSOR, "FP32", "FP32"),
        ([1.0, 2.0], Encoding.TENSOR, "INT64", "INT64"),
        ([1.5], Encoding.NDARRAY, "INT64", "FP64"),
        ([300], Encoding.NDARRAY, "UINT8", "INT64"),
        ([1.5], Encoding.NDARRAY, "BYTES", "FP64"),
        ([1.5], Encoding.NDARRAY, "", "FP64"),
        ([1.5], Encoding.V2, "FP32", "FP64"),
        ([1.5], Encoding.TFTENSOR, "FP32", "FP64"),
    ],
)
def test_numbers_become_what_is_declared_where_nobody_has_chosen(
    values: Any, encoding: Encoding, datatype: str, expected: str
) -> None:
    ((found, array),) = inputs_of(Payload(np.array(values), encoding), [Declared("x", datatype)], "d").values()
    assert (found, array.tolist()) == (expected, values)
