"""Inference requests in protobuf: what a component gets of them, and what answer they want."""

from typing import Any

import numpy as np
import pytest
from tritonclient.grpc import service_pb2

from infergraph.errors import BadMessage
from infergraph.payloads import Encoding
from infergraph.payloads.protos.wire import WORTH_BYTES
from infergraph.payloads.v2_proto_request import InferQuestion, decode_request
from infergraph.payloads.v2_request import MAX_ID_CHARACTERS, MAX_TENSORS, Wanted


def given(datatype: str = "FP32", shape: Any = (1, 2), name: Any = "x", **contents: Any) -> dict[str, Any]:
    """An input, its values in ``contents``."""
    made: dict[str, Any] = {"name": name, "datatype": datatype, "shape": shape}
    return made | {"contents": contents} if contents else made


def asked(*inputs: Any, **more: Any) -> InferQuestion:
    return decode_request(service_pb2.ModelInferRequest(inputs=inputs, **more).SerializeToString())


@pytest.mark.parametrize(
    ("datatype", "field", "values", "dtype"),
    [
        ("BOOL", "bool_contents", [True, False], "?"),
        ("INT8", "int_contents", [-128, 127], "i1"),
        ("INT16", "int_contents", [-(2**15), 2**15 - 1], "i2"),
        ("INT32", "int_contents", [-(2**31), 2**31 - 1], "i4"),
        ("INT64", "int64_contents", [-(2**63), 2**63 - 1], "i8"),
        ("UINT8", "uint_contents", [0, 255], "u1"),
        ("UINT16", "uint_contents", [0, 2**16 - 1], "u2"),
        ("UINT32", "uint_contents", [0, 2**32 - 1], "u4"),
        ("UINT64", "uint64_contents", [0, 2**64 - 1], "u8"),
        ("FP32", "fp32_contents", [0.5, -np.inf], "f4"),
        ("FP64", "fp64_contents", [0.1, np.inf], "f8"),
        ("BYTES", "bytes_contents", [b"a", b"\xff"], "O"),
    ],
)
def test_typed_values(datatype: str, field: str, values: list[Any], dtype: str) -> None:
    question = asked(given(datatype, **{field: values}), model_name="m", model_version="3")
    assert (question.model, question.version, question.payload.encoding) == ("m", "3", Encoding.V2)
    assert question.payload.data.dtype == np.dtype(dtype)
    assert question.payload.data.tolist() == [values]
    assert question.wanted == Wanted()


@pytest.mark.parametrize(
    ("datatype", "raw", "expected"),
    [
        ("BOOL", b"\1\0", [True, False]),
        ("INT16", b"\1\0\xff\xff", [1, -1]),
        ("FP16", b"\0\x3c\0\xc0", [1.0, -2.0]),
        ("BF16", b"\x80\x3f\0\xc0", [1.0, -2.0]),
        ("FP64", np.array([0.1, 0.2]).tobytes(), [0.1, 0.2]),
        ("BYTES", b"\1\0\0\0a\0\0\0\0", [b"a", b""]),
    ],
)
def test_raw_values_want_a_raw_answer(datatype: str, raw: bytes, expected: list[Any]) -> None:
    question = asked(given(datatype), raw_input_contents=[raw])
    assert question.payload.data.tolist() == [expected]
    assert question.wanted.is_binary


def test_raw_values_of_a_large_message_are_views_on_it() -> None:
    content = np.arange(WORTH_BYTES, dtype=np.float32)
    body = service_pb2.ModelInferRequest(
        inputs=[given(shape=content.shape)], raw_input_contents=[content.tobytes()]
    ).SerializeToString()
    array = decode_request(body).payload.data
    assert np.shares_memory(array, np.frombuffer(body, np.uint8))
    assert not array.flags.writeable
    np.testing.assert_array_equal(array, content)


def test_several_inputs_are_arrays_by_name_in_their_order() -> None:
    payload = asked(
        given(name="b", fp32_contents=[1, 2]), given("INT8", (1,), "a", int_contents=[3]), given("BOOL", (0, 2), "c")
    ).payload
    assert payload.encoding is Encoding.TENSORS
    assert {name: array.tolist() for name, array in payload.data.items()} == {"b": [[1, 2]], "a": [3], "c": []}
    assert list(payload.data) == ["b", "a", "c"]


def test_a_scalar_and_a_column() -> None:
    assert asked(given(shape=(), fp32_contents=[1.5])).payload.data.tolist() == 1.5
    assert asked(given(shape=(2, 1), fp32_contents=[1, 2])).payload.names == ["x"]


def test_texts_by_content_type() -> None:
    parameters = {"content_type": service_pb2.InferParameter(string_param="str")}
    typed = given("BYTES", (1,), bytes_contents=["é".encode()]) | {"parameters": parameters}
    assert asked(typed).payload.data.tolist() == ["é"]
    raw = given("BYTES", (1,)) | {"parameters": parameters}
    assert asked(raw, raw_input_contents=[b"\2\0\0\0\xc3\xa9"]).payload.data.tolist() == ["é"]
    with pytest.raises(BadMessage, match="no UTF-8"):
        asked(raw, raw_input_contents=[b"\1\0\0\0\xff"])


def test_the_answer_that_is_wanted() -> None:
    bfloat = {"datatype": service_pb2.InferParameter(string_param="BF16")}
    outputs = [{"name": "p"}, {"name": "q", "parameters": bfloat}]
    assert asked(given(fp32_contents=[1, 2]), id="7", outputs=outputs).wanted == Wanted(
        "7", {"p": {}, "q": {"datatype": "BF16"}}
    )


FOUR_GB = b"\xff\xff\xff\xffa"


@pytest.mark.parametrize(
    ("inputs", "more", "words"),
    [
        ([], {}, "Expected 1 to 1000 inputs, got 0 - at `$.inputs`"),
        ([given(name=str(n)) for n in range(MAX_TENSORS + 1)], {}, "got 1001 - at `$.inputs`"),
        ([given(fp32_contents=[1, 2])], {"outputs": [{"name": str(n)} for n in range(1001)]}, "got 1001"),
        ([given(fp32_contents=[1, 2])], {"outputs": [{"name": "a"}] * 2}, "'a' is asked for twice"),
        ([given(fp32_contents=[1, 2])] * 2, {}, "There are two inputs named 'x' - at `$.inputs[1].name`"),
        ([given(fp32_contents=[1, 2])], {"id": "i" * (MAX_ID_CHARACTERS + 1)}, "An id has at most 1024 characters"),
        ([given("FP7")], {}, "Expected one of BOOL"),
        ([given()], {}, "Shape [1, 2] holds 2 values, got 0 - at `$.inputs[0].contents.fp32_contents`"),
        ([given(fp32_contents=[1, 2, 3])], {}, "holds 2 values, got 3"),
        ([given(fp64_contents=[1, 2])], {}, "Values of FP32 stand in fp32_contents, got fp64_contents"),
        ([given(fp32_contents=[1, 2], int_contents=[1])], {}, "got int_contents, fp32_contents"),
        ([given("FP16", fp32_contents=[1, 2])], {}, "Values of FP16 travel in raw_input_contents only"),
        ([given("INT8", int_contents=[1, 300])], {}, "Expected a value of INT8, got 300"),
        ([given("UINT8", uint_contents=[256, 1])], {}, "Expected a value of UINT8, got 256"),
        ([given(shape=(-1, 2), fp32_contents=[1, 2])], {}, "Expected a size from 0"),
        ([given(shape=(2**40, 2**40))], {}, "$.inputs[0]"),
        ([given(shape=[1] * 65, fp32_contents=[1])], {}, "dimensions"),
        ([given(shape=(0, 10**12))], {}, "Expected a size from 0"),
        ([given(), given(name="y")], {"raw_input_contents": [bytes(8)]}, "of all inputs or of none, got 1 for 2"),
        ([given()], {"raw_input_contents": [bytes(8)] * 2}, "got 2 for 1 inputs"),
        ([given(fp32_contents=[1])], {"raw_input_contents": [bytes(8)]}, "Expected contents or raw_input_contents"),
        ([given()], {"raw_input_contents": [bytes(7)]}, "FP32 of shape [1, 2] takes 8 bytes, got 7 - at `$.inputs[0]`"),
        ([given("BOOL")], {"raw_input_contents": [b"\1\2"]}, "A byte of BOOL is 0 or 1, got 2"),
        ([given("BYTES", (1,))], {"raw_input_contents": [FOUR_GB]}, "Element 0 announces 4294967295 bytes"),
        ([given("BYTES", (2,))], {"raw_input_contents": [b"\1\0\0\0a"]}, "2 elements take at least 8 bytes, got 5"),
        ([given("BYTES", (1,))], {"raw_input_contents": [b"\0\0\0\0a"]}, "and 1 bytes follow them"),
        (
            [given() | {"parameters": {"shared_memory_region": service_pb2.InferParameter(string_param="r")}}],
            {},
            "Tensors come in the message here",
        ),
        (
            [given(fp32_contents=[1, 2])],
            {"outputs": [{"name": "p", "parameters": {"classification": service_pb2.InferParameter(int64_param=1)}}]},
            "classification is not offered",
        ),
    ],
)
def test_what_is_refused(inputs: Any, more: dict[str, Any], words: str) -> None:
    with pytest.raises(BadMessage) as refused:
        asked(*inputs, **more)
    assert words in str(refused.value)


@pytest.mark.parametrize("body", [b"\xff", b"{}", b"\x2a\x7f\x01"])
def test_bytes_that_are_no_request(body: bytes) -> None:
    with pytest.raises(BadMessage, match=r"Expected a inference\.ModelInferRequest"):
        decode_request(body)
