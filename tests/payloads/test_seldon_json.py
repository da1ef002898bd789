"""The seldon JSON codec: every value is kept exactly or refused in words."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import Encoding, Meta, Payload
from infergraph.payloads.seldon_json import decode_feedback, decode_message, encode_message


def echo(body: str | bytes) -> Any:
    """The message after decoding and encoding."""
    question = body.encode() if isinstance(body, str) else body
    return json.loads(encode_message(decode_message(question), question))


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        ("[[1.5,2.5]]", [[1.5, 2.5]]),
        ("[[1,2]]", [[1, 2]]),
        ("[1,2,3]", [1, 2, 3]),
        ("[9007199254740993]", [9007199254740993]),
        ("[18446744073709551615]", [18446744073709551615]),
        ("[-9223372036854775808]", [-9223372036854775808]),
        ("[[1,2.5]]", [[1.0, 2.5]]),
        ('[["a",1,null,true,2.5]]', [["a", 1, None, True, 2.5]]),
        ("[[true,false]]", [[True, False]]),
        ("[true,1]", [True, 1]),
        ('["a\\u0000"]', ["a\0"]),
        ("[]", []),
        ("[[],[]]", [[], []]),
        ("[[[1,2],[3,4]]]", [[[1, 2], [3, 4]]]),
        ('[{"a":[1,2]}]', [{"a": [1, 2]}]),
        ("[0.1,1e-320,-0.0]", [0.1, 1e-320, -0.0]),
    ],
)
def test_ndarray_is_kept_exactly(data: str, kept: list[Any]) -> None:
    answer = echo(f'{{"data":{{"ndarray":{data}}}}}')["data"]["ndarray"]
    assert answer == kept
    assert repr(answer) == repr(kept)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "Can't find JSON in data: the body is empty"),
        ("  ", "Can't find JSON in data: the body is empty"),
        ('{"data"', "Can't find JSON in data: Input data was truncated"),
        ("<html>", "Can't find JSON in data: JSON is malformed"),
        ("{}", "Invalid request data type: {}"),
        ("[1]", "Invalid request data type: [1]"),
        ("3", "Invalid request data type: 3"),
        ('{"instances":[[1]]}', "holds none of data, strData, binData and jsonData"),
        ('{"strData":"a","binData":"YQ=="}', "got strData and binData"),
        ('{"data":{"ndarray":[1],"tensor":{"shape":[1],"values":[1]}}}', "got more than one - at `$.data`"),
        ('{"customData":{}}', "gRPC only"),
        ('{"data":[]}', "Expected `object | null`, got `array` - at `$.data`"),
        ('{"data":{"ndarray":5}}', "Expected `array`, got `int` - at `$.data.ndarray`"),
        ('{"data":{"ndarray":[[1,2],[3]]}}', "a list of 2 first and a list of 1 at position 1"),
        ('{"data":{"ndarray":[[1,2],3]}}', "a list of 2 first and a single value at position 1"),
        ('{"data":{"ndarray":[1,[2]]}}', "a single value first and a list of 1 at position 1"),
        ('{"data":{"ndarray":[9007199254740993,0.5]}}', "cannot hold it exactly"),
        ('{"data":{"ndarray":[18446744073709551616]}}', "does not fit into 64 bits"),
        ('{"data":{"ndarray":[-1,18446744073709551615]}}', "does not fit into 64 bits"),
        (f'{{"data":{{"ndarray":[{"9" * 400}]}}}}', "(400 digits) does not fit"),
        (f'{{"data":{{"ndarray":[{"9" * 5000}]}}}}', "Integer value out of range"),
        ('{"data":{"ndarray":[1e999]}}', "Number out of range"),
        ('{"data":{"ndarray":[NaN,1e999]}}', "the number 1e999 is out of range"),
        ('{"data":{"names":["a"],"ndarray":[[1,2]]}}', "one name for each of 2 columns, got 1"),
        ('{"data":{"names":[1],"ndarray":[[1]]}}', "Expected `str`, got `int` - at `$.data.names[0]`"),
        ('{"data":{"tensor":{"shape":[2],"values":[1]}}}', "Shape [2] holds 2 values, got 1"),
        ('{"data":{"tensor":{"shape":[1],"values":[1,2]}}}', "Shape [1] holds 1 values, got 2"),
        ('{"data":{"tensor":{"shape":[-1],"values":[1]}}}', "got -1 - at `$.data.tensor.shape[0]`"),
        ('{"data":{"tensor":{"shape":[1.5],"values":[1]}}}', "Expected `int`, got `float`"),
        ('{"data":{"tensor":{"shape":[true],"values":[1]}}}', "Expected `int`, got `bool`"),
        ('{"data":{"tensor":{"shape":[0,1000000000000],"values":[]}}}', "Expected a size from 0 to 2147483647"),
        ('{"data":{"tensor":{"shape":[16,1152921504606846978],"values":[1]}}}', "Expected a size from 0"),
        ('{"data":{"tensor":{"shape":[' + ",".join(["1"] * 65) + '],"values":[1]}}}', "at most 32 dimensions, got 65"),
        (
            '{"data":{"tensor":{"shape":[1],"values":["a"]}}}',
            "Expected `number`, got `str` - at `$.data.tensor.values[0]`",
        ),
        ('{"data":{"tensor":{"shape":[1],"values":[null]}}}', "Expected `number`, got `null`"),
        ('{"data":{"tensor":{"shape":[1],"values":[true]}}}', "Expected `number`, got `bool`"),
        ('{"data":{"tensor":{"shape":[1],"values":[[1]]}}}', "Expected `number`, got `array`"),
        ('{"data":{"tensor":{"values":[1]}}}', "missing required field `shape`"),
        ('{"binData":"YQ"}', "Invalid base64"),
        ('{"binData":"Y!=="}', "Invalid base64"),
        ('{"meta":[],"strData":"a"}', "`$.meta`"),
        ('{"meta":{"tags":[]},"strData":"a"}', "`$.meta.tags`"),
        ('{"strData":"\\ud800"}', "Can't find JSON in data"),
        (b'{"strData":"\xff"}', "the text is not UTF-8"),
        (b'\xef\xbb\xbf{"strData":"a"}', "byte order mark"),
        ("[" * 250_000, "at most 100 levels"),
        (f'{{"jsonData":{"[" * 120}{"]" * 120}}}', "at most 100 levels"),
        (f'{{"jsonData":{"[" * 900}{"]" * 900}}}', "at most 100 levels"),
        (f'{{"jsonData":[NaN,{"[" * 120}{"]" * 120}]}}', "at most 100 levels"),
        (f'{{"data":{{"ndarray":{"[" * 40}1{"]" * 40}}}}}', "at most 32 dimensions"),
    ],
)
def test_bad_messages_are_refused_in_words(body: str | bytes, message: str) -> None:
    with pytest.raises(BadMessage) as refused:
        echo(body)
    assert message in str(refused.value)
    assert len(str(refused.value)) < 500


def test_depth_up_to_the_limit_is_kept() -> None:
    deep = "[" * 98 + "]" * 98
    assert echo(f'{{"jsonData":{deep}}}')["jsonData"] == json.loads(deep)


def test_depth_limit_is_a_setting() -> None:
    with pytest.raises(BadMessage, match="at most 3 levels"):
        decode_message(b'{"jsonData":[[[[1]]]]}', 3)


@pytest.mark.parametrize("bare", ["NaN", "Infinity", "-Infinity"])
def test_bare_nonfinite_numbers_are_answered_bare(bare: str) -> None:
    question = f'{{"data":{{"ndarray":[[{bare},1.5]]}}}}'.encode()
    assert f"[[{bare},1.5]]".encode() in encode_message(decode_message(question), question)


def test_nonfinite_numbers_of_a_model_are_valid_json() -> None:
    payload = Payload(np.array([[math.nan, math.inf, -math.inf, 1.0]]), Encoding.NDARRAY)
    answer = json.loads(encode_message(payload, b'{"data":{"ndarray":[[1]]}}'), parse_constant=pytest.fail)
    assert answer["data"]["ndarray"] == [["NaN", "Infinity", "-Infinity", 1.0]]


def test_tensor_takes_nonfinite_numbers_as_proto3_spells_them() -> None:
    payload = decode_message(b'{"data":{"tensor":{"shape":[3],"values":["NaN","-Infinity",1]}}}')
    np.testing.assert_array_equal(payload.data, [math.nan, -math.inf, 1.0])


def test_null_that_is_no_number_stays_null() -> None:
    assert echo('{"jsonData":{"a":null,"b":1.5}}')["jsonData"] == {"a": None, "b": 1.5}


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ('{"strData":"hi"}', {"meta": {}, "strData": "hi"}),
        ('{"binData":"AAH/"}', {"binData": "AAH/", "meta": {}}),
        ('{"jsonData":{"a":[1,"b",null]}}', {"jsonData": {"a": [1, "b", None]}, "meta": {}}),
        ('{"jsonData":null}', {"jsonData": None, "meta": {}}),
        ('{"data":{}}', {"data": {"names": [], "ndarray": []}, "meta": {}}),
        (
            '{"data":{"names":["a","b"],"tensor":{"shape":[1,2],"values":[1,2]}}}',
            {"data": {"names": ["a", "b"], "tensor": {"shape": [1, 2], "values": [1, 2]}}, "meta": {}},
        ),
        (
            '{"meta":{"puid":"x","tags":{"t":[1]},"requestPath":{"u":"i"},"routing":{"r":1}},"strData":""}',
            {
                "meta": {"puid": "x", "tags": {"t": [1]}, "requestPath": {"u": "i"}, "routing": {"r": 1}},
                "strData": "",
            },
        ),
        ('{"status":{"code":7},"strData":"s"}', {"meta": {}, "status": {"code": 7}, "strData": "s"}),
        ('{"meta":null,"strData":"s","unknown":1}', {"meta": {}, "strData": "s"}),
    ],
)
def test_messages_come_back_in_their_encoding(body: str, answer: Any) -> None:
    assert echo(body) == answer


def test_answers_have_sorted_keys_and_no_spaces() -> None:
    body = encode_message(Payload(np.array([[1.5]]), Encoding.NDARRAY, ["a"], Meta(puid="p", tags={})))
    assert body == b'{"data":{"names":["a"],"ndarray":[[1.5]]},"meta":{"puid":"p","tags":{}}}'


def test_no_text_can_be_taken_for_html() -> None:
    body = encode_message(Payload("<a&b>\u2028", Encoding.TEXT))
    assert body == rb'{"meta":{},"strData":"\u003ca\u0026b\u003e\u2028"}'
    assert json.loads(body)["strData"] == "<a&b>\u2028"


def test_numpy_scalars_in_a_component_answer_are_plain_json() -> None:
    payload = Payload({"a": np.float32(0.5), "b": np.arange(2)}, Encoding.JSON)
    assert json.loads(encode_message(payload))["jsonData"] == {"a": 0.5, "b": [0, 1]}


@pytest.mark.parametrize("value", [{"a": object()}, {"a": 1j}])
def test_what_json_cannot_say_is_the_component_fault(value: Any) -> None:
    with pytest.raises(BadAnswer, match="JSON cannot say"):
        encode_message(Payload(value, Encoding.JSON))


def test_feedback_parts() -> None:
    feedback = decode_feedback(
        b'{"request":{"data":{"ndarray":[[1]]}},"response":{"meta":{"routing":{"r":1}}},"reward":0.5}'
    )
    assert feedback.request.data.tolist() == [[1]]
    assert feedback.response.encoding is Encoding.NONE
    assert feedback.response.meta.routing == {"r": 1}
    assert feedback.reward == 0.5
    assert feedback.truth.data.size == 0


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            '{"rewardx":1}',
            'Invalid JSON: Message type "seldon.protos.Feedback" has no field named "rewardx" at "Feedback".',
        ),
        ('{"reward":"1"}', "Expected `float | null`, got `str` - at `$.reward`"),
        ('{"reward":NaN}', "expected a finite number, got nan"),
        ('{"reward":Infinity}', "expected a finite number, got inf"),
        ('{"reward":1e999}', "out of range"),
        ('{"request":[]}', "`$.request`"),
        ('{"request":{"data":{"ndarray":5}}}', "in request: Expected `array`"),
        ('{"response":{"meta":{"routing":{"r":"a"}}}}', "in response"),
        ("[]", "expected a Feedback object"),
        ("", "the body is empty"),
    ],
)
def test_bad_feedback_is_refused_in_words(body: str, message: str) -> None:
    with pytest.raises(BadMessage) as refused:
        decode_feedback(body.encode())
    assert message in str(refused.value)


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"))
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
)


@given(st.lists(scalars, max_size=6))
def test_a_list_is_kept_exactly_or_refused(data: list[Any]) -> None:
    body = json.dumps({"data": {"ndarray": data}}).encode()
    try:
        answer = echo(body)["data"]["ndarray"]
    except BadMessage:
        return
    assert answer == data
    assert [isinstance(x, bool) for x in answer] == [isinstance(x, bool) for x in data]


@given(values)
def test_any_json_value_is_a_message_or_refused(value: Any) -> None:
    for message in (value, {"data": value}, {"data": {"ndarray": value}}, {"data": {"tensor": value}}, {"meta": value}):
        body = json.dumps(message).encode()
        try:
            encode_message(decode_message(body), body)
        except BadMessage:
            continue


@given(values)
def test_json_data_is_kept_exactly(value: Any) -> None:
    assert echo(json.dumps({"jsonData": value}))["jsonData"] == value


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(body: bytes) -> None:
    for decode in (decode_message, decode_feedback):
        try:
            decode(body)
        except BadMessage:
            continue
