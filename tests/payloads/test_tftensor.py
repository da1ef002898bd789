"""TensorProto in JSON, without TensorFlow."""

import base64
from typing import Any

import numpy as np
import pytest

from infergraph.errors import BadMessage
from infergraph.payloads import tftensor


def proto(dtype: str, size: int, **values: Any) -> dict[str, Any]:
    return {"dtype": dtype, "tensorShape": {"dim": [{"size": str(size)}]}, **values}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (proto("DT_DOUBLE", 2, doubleVal=[1.5, "NaN"]), np.array([1.5, np.nan])),
        (proto("DT_FLOAT", 1, floatVal=[0.5]), np.array([0.5], np.float32)),
        (proto("DT_INT64", 2, int64Val=["9007199254740993", -1]), np.array([9007199254740993, -1])),
        (proto("DT_BOOL", 2, boolVal=[True, False]), np.array([True, False])),
        (proto("DT_INT32", 3, intVal=[7]), np.array([7, 7, 7], np.int32)),
        (
            proto("DT_FLOAT", 2, tensorContent=base64.b64encode(np.array([1, 2], "<f4").tobytes()).decode()),
            np.array([1, 2], np.float32),
        ),
        ({"dtype": "DT_DOUBLE", "doubleVal": [3.0]}, np.array(3.0)),
    ],
)
def test_decode(message: dict[str, Any], expected: np.ndarray[Any, Any]) -> None:
    array = tftensor.decode(message)
    assert array.dtype == expected.dtype
    np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (proto("DT_STRING", 1, stringVal=["YQ=="]), "Expected one of DT_FLOAT"),
        ({}, "got None - at `$.data.tftensor.dtype`"),
        (proto("DT_DOUBLE", 2, doubleVal=[1, 2, 3]), "holds 2 values, got 3"),
        (proto("DT_DOUBLE", 10**12, doubleVal=[1]), "Expected a size from 0"),
        (proto("DT_DOUBLE", 10**9, doubleVal=[1]), "holds 1000000000 values, got 1"),
        (proto("DT_INT8", 1, intVal=[300]), "does not fit into int8"),
        (proto("DT_UINT8", 1, intVal=[-1]), "does not fit into uint8"),
        (proto("DT_INT32", 1, intVal=[1.5]), "Expected a value of int32, got 1.5"),
        (proto("DT_INT32", 1, intVal=[True]), "Expected a value of int32, got True"),
        (proto("DT_BOOL", 1, boolVal=[1]), "Expected a value of bool, got 1"),
        (proto("DT_DOUBLE", 1, doubleVal=["x"]), "Expected a value of float64"),
        (proto("DT_DOUBLE", 1, doubleVal=3), "Expected `array`"),
        (proto("DT_DOUBLE", 1, tensorContent="YQ=="), "1 bytes are no whole number of float64"),
        (proto("DT_DOUBLE", 1, tensorContent="Y!"), "Expected base64"),
        ({"dtype": "DT_DOUBLE", "tensorShape": {"dim": 3}}, "tensorShape"),
        ({"dtype": "DT_DOUBLE", "tensorShape": {"dim": [{"size": "x"}]}}, "tensorShape"),
    ],
)
def test_refusals(message: dict[str, Any], words: str) -> None:
    with pytest.raises(BadMessage) as refused:
        tftensor.decode(message)
    assert words in str(refused.value)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])
def test_round_trip(dtype: str) -> None:
    array = np.array([[0, 1], [2, 100]], dtype)
    again = tftensor.decode(tftensor.encode(array))
    assert again.dtype == array.dtype
    np.testing.assert_array_equal(again, array)


def test_packed_content_is_a_view_on_the_bytes() -> None:
    content = base64.b64encode(np.zeros(1000).tobytes()).decode()
    assert tftensor.decode(proto("DT_DOUBLE", 1000, tensorContent=content)).base is not None


def test_texts_and_bytes_as_a_component_is_given_them() -> None:
    assert tftensor.encode(np.array([[b"a", "é"]], object)) == {
        "dtype": "DT_STRING",
        "stringVal": ["YQ==", "w6k="],
        "tensorShape": {"dim": [{"size": "1"}, {"size": "2"}]},
    }
