"""Inference responses in protobuf: what becomes of an answer."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tritonclient.grpc import InferResult, service_pb2

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import Encoding, Meta, Payload
from infergraph.payloads.v2_proto_request import decode_request
from infergraph.payloads.v2_proto_response import encode_response, encode_stream_error, encode_stream_response
from infergraph.payloads.v2_request import Wanted
from infergraph.payloads.v2_response import Model
from tests.payloads.tensors import arrays_of, datatypes, same

TYPED, RAW = Wanted(), Wanted(is_binary=True)
MODEL = Model("m", "2", "p")


def answered(payload: Payload, wanted: Wanted = TYPED) -> Any:
    return service_pb2.ModelInferResponse.FromString(encode_response(payload, wanted, MODEL))


def array_payload(*values: Any, dtype: str = "f4") -> Payload:
    return Payload(np.array([values], dtype=dtype), Encoding.V2)


@pytest.mark.parametrize(
    ("dtype", "datatype", "field"),
    [
        ("?", "BOOL", "bool_contents"),
        ("i1", "INT8", "int_contents"),
        ("i4", "INT32", "int_contents"),
        ("i8", "INT64", "int64_contents"),
        ("u2", "UINT16", "uint_contents"),
        ("u8", "UINT64", "uint64_contents"),
        ("f4", "FP32", "fp32_contents"),
        (">f8", "FP64", "fp64_contents"),
        ("O", "BYTES", "bytes_contents"),
    ],
)
def test_typed_where_the_request_was(dtype: str, datatype: str, field: str) -> None:
    values = ["é", b"\xff"] if dtype == "O" else [0, 1]
    response = answered(array_payload(*values, dtype=dtype))
    (output,) = response.outputs
    assert (output.name, output.datatype, list(output.shape)) == ("p", datatype, [1, 2])
    assert list(getattr(output.contents, field)) == (["é".encode(), b"\xff"] if dtype == "O" else [0, 1])
    assert not response.raw_output_contents
    assert (response.model_name, response.model_version, response.id) == ("m", "2", "")


@pytest.mark.parametrize("dtype", ["?", "i1", "u8", "f2", "f4", ">f8"])
def test_raw_where_the_request_was(dtype: str) -> None:
    response = answered(array_payload(0, 1, dtype=dtype), Wanted("7", is_binary=True))
    assert response.id == "7"
    assert not response.outputs[0].HasField("contents")
    assert response.raw_output_contents == [np.array([0, 1], np.dtype(dtype).newbyteorder("<")).tobytes()]


def test_halves_are_always_raw_and_make_their_neighbours_so() -> None:
    tensors = {"a": np.array([1.5], np.float16), "b": np.array([2], np.int8)}
    response = answered(Payload(tensors, Encoding.TENSORS))
    assert [output.datatype for output in response.outputs] == ["FP16", "INT8"]
    assert response.raw_output_contents == [b"\x00\x3e", b"\x02"]
    wanted = Wanted(outputs={"p": {"datatype": "BF16"}})
    assert answered(array_payload(1.0), wanted).raw_output_contents == [b"\x80\x3f"]


def test_the_official_client_reads_what_is_raw() -> None:
    texts = np.array([[b"a", "é".encode()]], object)
    result = InferResult(answered(Payload({"a": texts, "b": np.ones((2, 0, 3))}, Encoding.TENSORS), RAW))
    assert result.as_numpy("a").tolist() == texts.tolist()
    assert result.as_numpy("b").shape == (2, 0, 3)


def test_only_what_is_wanted_in_its_order() -> None:
    payload = Payload({name: np.array([1], np.uint8) for name in "abc"}, Encoding.TENSORS)
    assert [one.name for one in answered(payload, Wanted(outputs={"c": {}, "a": {}})).outputs] == ["c", "a"]
    with pytest.raises(BadMessage, match="There is no output 'd'; the outputs are a, b, c"):
        answered(payload, Wanted(outputs={"d": {}}))


def test_tags_are_parameters() -> None:
    meta = Meta(tags={"a": 1, "b": "x", "c": True, "d": [1], "e": 0.5})
    parameters = answered(Payload(np.ones(1), Encoding.V2, [], meta)).parameters
    found = {name: getattr(one, one.WhichOneof("parameter_choice")) for name, one in parameters.items()}
    assert found == {"a": 1, "b": "x", "c": True, "d": "[1]", "e": 0.5}


@pytest.mark.parametrize(
    "payload",
    [
        Payload(np.array([[None, 1]], object), Encoding.V2),
        Payload(np.ones(1, complex), Encoding.V2),
        Payload("\ud800", Encoding.TEXT),
        Payload({"\ud800": np.ones(1)}, Encoding.TENSORS),
        Payload(np.ones(1), Encoding.V2, [], Meta(tags={"\ud800": 1})),
    ],
)
def test_what_the_message_cannot_say(payload: Payload) -> None:
    for wanted in (TYPED, RAW):
        with pytest.raises(BadAnswer):
            answered(payload, wanted)


def test_answers_and_errors_in_a_stream() -> None:
    stream = service_pb2.ModelStreamInferResponse
    answer = stream.FromString(encode_stream_response(array_payload(1, 2), Wanted("7", is_binary=True), MODEL))
    assert (answer.error_message, answer.infer_response.id) == ("", "7")
    assert answer.infer_response.raw_output_contents == [np.array([1, 2], np.float32).tobytes()]
    error = stream.FromString(encode_stream_error("not so", "8"))
    assert (error.error_message, error.infer_response.id) == ("not so", "8")


@given(datatypes.flatmap(lambda datatype: st.tuples(st.just(datatype), arrays_of(datatype, st.binary(max_size=3)))))
def test_every_array_comes_back_as_it_was(pair: tuple[str, Any]) -> None:
    datatype, array = pair
    for wanted in (TYPED, RAW):
        kind = {"datatype": datatype} if datatype == "BF16" else {}
        wanted = Wanted(outputs={"p": kind}, is_binary=wanted.is_binary)  # noqa: PLW2901 - of this datatype
        response = answered(Payload(array, Encoding.V2), wanted)
        request = service_pb2.ModelInferRequest(raw_input_contents=response.raw_output_contents)
        for output in response.outputs:
            request.inputs.add(name=output.name, datatype=output.datatype, shape=output.shape, contents=output.contents)
        if datatype != "BYTES" or array.size:  # an empty array of objects has lost what its objects were
            assert same(decode_request(request.SerializeToString()).payload.data, array)
