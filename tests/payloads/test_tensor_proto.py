"""TensorProto as a protobuf message, without TensorFlow."""

from typing import Any

import numpy as np
import pytest

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import tensor_proto
from infergraph.payloads.protos import TensorProto
from tests.stubs import stubs


def proto(dtype: str, *sizes: int, **values: Any) -> Any:
    message = stubs().tensor.TensorProto(dtype=dtype, **values)
    for size in sizes:
        message.tensor_shape.dim.add(size=size)
    return TensorProto.FromString(message.SerializeToString())


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (proto("DT_DOUBLE", 2, double_val=[1.5, np.nan]), np.array([1.5, np.nan])),
        (proto("DT_FLOAT", 1, 1, float_val=[0.5]), np.array([[0.5]], np.float32)),
        (proto("DT_INT64", 2, int64_val=[2**53 + 1, -1]), np.array([2**53 + 1, -1])),
        (proto("DT_UINT64", 1, uint64_val=[2**64 - 1]), np.array([2**64 - 1], np.uint64)),
        (proto("DT_UINT32", 1, uint32_val=[2**32 - 1]), np.array([2**32 - 1], np.uint32)),
        (proto("DT_BOOL", 2, bool_val=[True, False]), np.array([True, False])),
        (proto("DT_UINT8", 3, int_val=[7]), np.array([7, 7, 7], np.uint8)),
        (proto("DT_FLOAT", 2, tensor_content=np.array([1, 2], "<f4").tobytes()), np.array([1, 2], np.float32)),
        (proto("DT_DOUBLE", double_val=[3.0]), np.array(3.0)),
        (proto("DT_DOUBLE", 0), np.empty(0)),
        (proto("DT_HALF", 2, half_val=[0x3C00, 0xFC00]), np.array([1, -np.inf], np.float16)),
        (proto("DT_HALF", 1, tensor_content=b"\x00\x3e"), np.array([1.5], np.float16)),
        (proto("DT_BFLOAT16", 2, half_val=[0x3FC0, 0x7FC0]), np.array([1.5, np.nan], np.float32)),
        (proto("DT_BFLOAT16", 1, tensor_content=b"\xc0\x3f"), np.array([1.5], np.float32)),
        (proto("DT_STRING", 1, 2, string_val=[b"a", b"\xff"]), np.array([[b"a", b"\xff"]], object)),
        (proto("DT_STRING", 3, string_val=[b"a"]), np.array([b"a"] * 3, object)),
        (proto("DT_STRING", 0), np.empty(0, object)),
    ],
)
def test_decode(message: Any, expected: np.ndarray[Any, Any]) -> None:
    array = tensor_proto.decode(message)
    assert array.dtype == expected.dtype
    np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (proto("DT_COMPLEX64", 1, scomplex_val=[1, 2]), "Expected one of DT_FLOAT"),
        (proto("DT_INVALID"), "got DT_INVALID"),
        (TensorProto.FromString(b"\x08\x63"), "got 99"),
        (proto("DT_DOUBLE", 2, double_val=[1, 2, 3]), "holds 2 values, got 3"),
        (proto("DT_DOUBLE", -1, double_val=[1]), "Expected a size from 0"),
        (proto("DT_DOUBLE", 10**9, double_val=[1]), "holds 1000000000 values, got 1"),
        (proto("DT_INT8", 1, int_val=[300]), "does not fit into int8"),
        (proto("DT_UINT16", 1, int_val=[-1]), "does not fit into uint16"),
        (proto("DT_STRING", 2, string_val=[b"a", b"b", b"c"]), "holds 2 values, got 3"),
        (proto("DT_STRING", 1, tensor_content=b"\x01a"), "Texts of DT_STRING stand in string_val"),
        (proto("DT_STRING", 10**9, string_val=[b"a"]), "holds 1000000000 values, got 1"),
        (proto("DT_HALF", 1, half_val=[70000]), "does not fit into uint16"),
        (proto("DT_BFLOAT16", 1, tensor_content=b"a"), "1 bytes are no whole number of uint16"),
        (proto("DT_DOUBLE", 1, tensor_content=b"a"), "1 bytes are no whole number of float64"),
    ],
)
def test_refusals(message: Any, words: str) -> None:
    with pytest.raises(BadMessage) as refused:
        tensor_proto.decode(message)
    assert words in str(refused.value)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])
def test_round_trip(dtype: str) -> None:
    array = np.array([[0, 1], [2, 100]], dtype)
    message = TensorProto.FromString(b"".join(tensor_proto.encode(array)))
    again = tensor_proto.decode(message)
    assert again.dtype == array.dtype.newbyteorder("<")
    np.testing.assert_array_equal(again, array)


def test_texts_there_and_back() -> None:
    for array in (np.array([["é", b"\xff"]], object), np.array([["é", "b"]]), np.array([[b"a", b"b"]])):
        message = TensorProto.FromString(b"".join(tensor_proto.encode(array)))
        expected = [[value if isinstance(value, bytes) else value.encode() for value in array[0].tolist()]]
        assert tensor_proto.decode(message).tolist() == expected


@pytest.mark.parametrize("value", [None, 1, "\ud800"])
def test_objects_that_are_no_texts(value: object) -> None:
    with pytest.raises(BadAnswer, match="texts and bytes only"):
        tensor_proto.encode(np.array([value], object))


def test_an_array_is_not_copied_before_it_is_joined() -> None:
    array = np.ones(1000)
    piece = tensor_proto.encode(array)[-1]
    assert isinstance(piece, memoryview)
    assert np.shares_memory(np.asarray(piece), array)


def test_packed_content_is_a_view() -> None:
    array = tensor_proto.decode(proto("DT_DOUBLE", 1000, tensor_content=np.zeros(1000).tobytes()))
    assert array.base is not None
    assert not array.flags.owndata
