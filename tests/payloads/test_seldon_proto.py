"""SeldonMessage and Feedback in protobuf: bytes to payload and back."""

import json
import math
from typing import Any

import numpy as np
import pytest
from google.protobuf import any_pb2, json_format

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import Encoding, Meta, Payload
from infergraph.payloads.protos import Feedback as FeedbackMessage
from infergraph.payloads.seldon_json import decode_message as decode_json
from infergraph.payloads.seldon_message import message_of
from infergraph.payloads.seldon_proto import (
    decode_any_message,
    decode_feedback,
    decode_message,
    decode_messages,
    encode_feedback,
    encode_message,
    encode_messages,
    encode_verbatim,
)
from infergraph.payloads.tensorflow_json import encode_predict
from infergraph.payloads.v2_response import tensors_of
from tests.stubs import rows, stubs

ARRAYS = [Encoding.NDARRAY, Encoding.TENSOR, Encoding.TFTENSOR]


def message(**fields: Any) -> Any:
    """A SeldonMessage, from its JSON form."""
    return json_format.ParseDict(fields, stubs().messages.SeldonMessage())


def read(body: bytes) -> Any:
    """What a client reads, in its JSON form."""
    return json_format.MessageToDict(stubs().messages.SeldonMessage.FromString(body))


def decoded(**fields: Any) -> Payload:
    return decode_message(message(**fields).SerializeToString())


def encoded(data: Any, encoding: Encoding, **fields: Any) -> Any:
    return read(encode_message(Payload(data, encoding, **fields)))


@pytest.mark.parametrize(
    "data",
    [
        {"ndarray": [[1, 2.5], [3, 4]], "names": ["a", "b"]},
        {"ndarray": [1, 2, 3]},
        {"ndarray": []},
        {"ndarray": [[]]},
        {"ndarray": [[[1, 2]], [[3, 4]]]},
        {"ndarray": [[float(n) for n in range(200)]] * 3},
        {"tensor": {"shape": [2, 3], "values": [1, 2, 3, 4, 5, 6]}},
        {"tensor": {"shape": [0, 3], "values": []}},
        {"tftensor": {"dtype": "DT_DOUBLE", "tensorShape": {"dim": [{"size": "2"}]}, "doubleVal": [1, 2]}},
        {},
    ],
)
def test_numbers_are_doubles_in_the_shape_that_json_gives_them(data: dict[str, Any]) -> None:
    payload, twin = decoded(data=data), decode_json(json.dumps({"data": data}).encode())
    assert (payload.encoding, payload.names) == (twin.encoding, twin.names)
    assert payload.data.dtype == np.float64
    np.testing.assert_array_equal(payload.data, twin.data)
    assert payload.data.shape == twin.data.shape


@pytest.mark.parametrize("row", [["a", 1], [True, False], [None, 2.5], [True, 1], ["x"]])
def test_what_is_no_number_stays_what_it_is(row: list[Any]) -> None:
    payload = decoded(data={"ndarray": [row]})
    assert payload.data.tolist() == [row]
    assert [type(value) for value in payload.data.tolist()[0]] == [type(value) for value in row]
    assert read(encode_message(payload))["data"]["ndarray"] == [row]


def test_the_other_kinds() -> None:
    value: Any = {"a": [1, 2.5, None, True, "x", {}], "b": []}
    assert decoded(jsonData=value).data == value
    assert type(decoded(jsonData=7).data) is int
    assert decoded(strData="").data == ""
    content = stubs().messages.SeldonMessage(binData=b"\0\1").SerializeToString()
    assert decode_message(content).data == b"\0\1"
    assert encoded(value, Encoding.JSON)["jsonData"] == value
    assert encoded("ü", Encoding.TEXT)["strData"] == "ü"
    assert encoded(b"\0\1", Encoding.BYTES)["binData"] == "AAE="
    assert encoded(np.empty(0), Encoding.NONE) == {"meta": {}}


@pytest.mark.parametrize("encoding", ARRAYS)
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.arange(6, dtype=np.int32).reshape(3, 2).T,
        np.arange(3, dtype=np.float32),
        np.ones((4, 2))[::2, ::-1],
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([[2**53, -(2**53)]]),
        np.array([[math.inf, -math.inf]]),
        np.arange(8.0).reshape(2, 2, 2),
        np.zeros((1, 300)),
    ],
)
def test_arrays_there_and_back(array: np.ndarray[Any, Any], encoding: Encoding) -> None:
    again = decode_message(encode_message(Payload(array, encoding)))
    assert again.encoding is encoding
    np.testing.assert_array_equal(again.data, array)


def test_a_nan_stays_one() -> None:
    again = decode_message(encode_message(Payload(np.array([[math.nan, 1.0]]), Encoding.NDARRAY)))
    assert np.isnan(again.data[0][0])


def test_a_tensor_can_be_changed_in_place_as_over_rest() -> None:
    decoded(data={"tensor": {"shape": [2], "values": [1, 2]}}).data[0] = 3


def test_an_integer_that_is_no_double_is_not_sent_as_another() -> None:
    for encoding in (Encoding.NDARRAY, Encoding.TENSOR):
        with pytest.raises(BadAnswer, match="9007199254740993"):
            encode_message(Payload(np.array([[2**53 + 1]]), encoding))
        encode_message(Payload(np.array([[2**60]]), encoding))
    with pytest.raises(BadAnswer, match="9007199254740993"):
        encode_message(Payload({"a": 2**53 + 1}, Encoding.JSON))
    exact = decode_message(encode_message(Payload(np.array([2**53 + 1]), Encoding.TFTENSOR)))
    assert exact.data.tolist() == [2**53 + 1]


def test_meta_and_status() -> None:
    meta = {
        "puid": "p",
        "tags": {"a": 1, "b": [True]},
        "routing": {"r": -1},
        "requestPath": {"m": "img:1"},
        "metrics": [{"key": "k", "type": "TIMER", "value": 1.5, "tags": {"x": "y"}}, {"key": "c", "value": 2.0}],
    }
    payload = decoded(strData="x", meta=meta, status={"code": 3, "info": "i", "status": "FAILURE"})
    assert payload.meta == Meta(
        puid="p",
        tags={"a": 1, "b": [True]},
        routing={"r": -1},
        request_path={"m": "img:1"},
        metrics=[
            {"key": "k", "type": "TIMER", "value": 1.5, "tags": {"x": "y"}},
            {"key": "c", "type": "COUNTER", "value": 2.0},
        ],
    )
    assert payload.status == {"code": 3, "info": "i", "status": "FAILURE"}
    again = read(encode_message(payload))
    assert (again["meta"], again["status"]) == (meta, payload.status)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "expected one of data, strData, binData, jsonData and customData, got none of them"),
        ({"data": {"ndarray": [[1, 2], [3]]}}, "rows of equal length"),
        ({"data": {"ndarray": [[1], 2]}}, "rows of equal length"),
        ({"data": {"ndarray": [1, [2]]}}, "rows of equal length"),
        ({"data": {"tensor": {"shape": [2, 2], "values": [1]}}}, "holds 4 values, got 1"),
        ({"data": {"tensor": {"shape": [-1], "values": [1]}}}, "Expected a size from 0"),
        ({"data": {"names": ["a"], "ndarray": [[1, 2]]}}, "one name for each of 2 columns, got 1"),
        ({"data": {"tftensor": {"dtype": "DT_QINT8"}}}, "got DT_QINT8"),
        ({"jsonData": [[[[[[1]]]]]]}, "at most 5 levels"),
        ({"strData": "x", "meta": {"tags": {"a": [[[[[[1]]]]]]}}}, "at most 5 levels"),
    ],
)
def test_what_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(BadMessage) as refused:
        decode_message(message(**fields).SerializeToString(), max_depth=5)
    assert words in str(refused.value)


def test_custom_data_stays_as_it_is() -> None:
    question = message(customData={"@type": "type.googleapis.com/google.protobuf.Empty"})
    payload = decode_message(question.SerializeToString())
    assert isinstance(payload.data, any_pb2.Any)
    assert read(encode_message(payload))["customData"] == json_format.MessageToDict(question)["customData"]


def test_custom_data_has_no_place_in_other_formats() -> None:
    payload = decoded(customData={"@type": "type.googleapis.com/google.protobuf.Empty"})
    with pytest.raises(BadAnswer, match="customData, which travels over gRPC only"):
        message_of(payload)
    with pytest.raises(BadAnswer, match="customData, which travels over gRPC only"):
        tensors_of(payload, "x")
    with pytest.raises(BadAnswer, match="customData, which travels over gRPC only"):
        encode_predict(payload, b"", is_rows=True)


@pytest.mark.parametrize("body", [b"\xff", b"\x2a\x01\xff", b"\x1a\x05\x12", b"{}"])
def test_bytes_that_are_no_message(body: bytes) -> None:
    with pytest.raises(BadMessage, match=r"Expected a seldon\.protos\.SeldonMessage"):
        decode_message(body)


def test_a_message_deeper_than_protobuf_goes() -> None:
    value: Any = stubs().messages.SeldonMessage().jsonData
    inner = value.__class__(number_value=1).SerializeToString()
    for _ in range(200):
        list_value = b"\x0a" + varint(len(inner)) + inner
        inner = b"\x32" + varint(len(list_value)) + list_value
    with pytest.raises(BadMessage):
        decode_message(b"\x32" + varint(len(inner)) + inner)


def varint(number: int) -> bytes:
    return bytes([number & 0x7F | 0x80, number >> 7]) if number > 127 else bytes([number])


@pytest.mark.parametrize(
    "payload",
    [
        Payload("\ud800", Encoding.TEXT),
        Payload({"a": object()}, Encoding.JSON),
        Payload("x", Encoding.TEXT, meta=Meta(routing={"r": 2**40})),
        Payload("x", Encoding.TEXT, meta=Meta(tags={"a": {1, 2}.__iter__()})),
        Payload("x", Encoding.TEXT, status={"code": "many"}),
        Payload(np.array([[object()]]), Encoding.NDARRAY),
    ],
)
def test_an_answer_that_the_message_cannot_say(payload: Payload) -> None:
    with pytest.raises(BadAnswer):
        encode_message(payload)


def test_a_component_may_write_its_own_message() -> None:
    assert read(encode_verbatim(b'{"status":{"code":201},"strData":"made","more":1}')) == {
        "status": {"code": 201},
        "strData": "made",
    }
    with pytest.raises(BadAnswer):
        encode_verbatim(b'{"status":{"code":"x"}}')


def test_feedback() -> None:
    feedback = stubs().messages.Feedback(request=rows([1, 2]), reward=0.5)
    feedback.response.meta.routing["r"] = 1
    decoded = decode_feedback(feedback.SerializeToString())
    assert decoded.reward == 0.5
    assert decoded.request.data.tolist() == [[1, 2]]
    assert (decoded.response.encoding, decoded.response.meta.routing) == (Encoding.NONE, {"r": 1})
    assert decoded.truth.encoding is Encoding.NONE
    assert decoded.message == {
        "request": {"data": {"names": [], "ndarray": [[1, 2]]}, "meta": {}},
        "response": {"meta": {"routing": {"r": 1}}},
        "reward": 0.5,
    }


def test_feedback_goes_out_with_the_parts_that_came() -> None:
    rows = Payload(np.array([[1.0]]), Encoding.NDARRAY, ["a"], Meta(routing={"r": 1}))
    given = FeedbackMessage(reward=0.5)
    given.request.MergeFromString(encode_message(rows))
    given.response.meta.routing["r"] = 1
    body = given.SerializeToString()
    assert FeedbackMessage.FromString(encode_feedback(decode_feedback(body))) == given


def test_messages_go_out_as_a_list() -> None:
    payloads = [Payload(np.array([[1.0]]), Encoding.TENSOR, []), Payload("x", Encoding.TEXT)]
    assert [one.data for one in decode_messages(encode_messages(payloads))] == [payloads[0].data, "x"]


def test_a_message_without_data_is_one_to_who_expects_it() -> None:
    body = encode_message(Payload(np.empty(0), Encoding.NONE, [], Meta(tags={"a": "b"}), {"info": "well"}))
    payload = decode_any_message(body)
    assert (payload.encoding, payload.meta.tags, payload.status) == (Encoding.NONE, {"a": "b"}, {"info": "well"})
    assert decode_any_message(encode_message(Payload("x", Encoding.TEXT))).data == "x"
    with pytest.raises(BadMessage, match="Unknown data"):
        decode_message(body)


@pytest.mark.parametrize("encoding", [Encoding.V2, Encoding.TF])
def test_arrays_of_other_protocols_are_written_as_over_rest(encoding: Encoding) -> None:
    for array, kind in ((np.array([[1, 2]]), Encoding.TENSOR), (np.array([["x"]], dtype=object), Encoding.NDARRAY)):
        found = decode_message(encode_message(Payload(array, encoding)))
        assert (found.encoding, found.data.tolist()) == (kind, array.tolist())


def test_feedback_that_is_refused() -> None:
    feedback = stubs().messages.Feedback(reward=math.nan)
    with pytest.raises(BadMessage, match="finite"):
        decode_feedback(feedback.SerializeToString())
    feedback = stubs().messages.Feedback(truth=message(data={"tensor": {"shape": [3]}}))
    with pytest.raises(BadMessage, match="In truth: Shape"):
        decode_feedback(feedback.SerializeToString())
