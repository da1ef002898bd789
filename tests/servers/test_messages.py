"""JSON and tensors that are wrong, tricky or huge, over a real socket: kept exactly, or refused in words."""

import json
from typing import Any

import pytest

from tests.servers.attacked import GOOD, Attack, assert_answered, exchange, post
from tests.serving import Process

FEEDBACK = "/api/v1.0/feedback"
NESTED = {depth: b"[" * depth + b"]" * depth for depth in (120, 1000, 250_000)}


def ndarray(value: bytes) -> bytes:
    """A message with an ndarray as it is written."""
    return b'{"data":{"ndarray":%b}}' % value


def tensor(shape: Any, values: Any) -> bytes:
    """A message with a tensor."""
    return json.dumps({"data": {"tensor": {"shape": shape, "values": values}}}).encode()


def tftensor(dtype: Any, **fields: Any) -> bytes:
    """A message with a tftensor of one value."""
    one = {"dim": [{"size": "1"}]}
    return json.dumps({"data": {"tftensor": {"dtype": dtype, "tensorShape": one, **fields}}}).encode()


def tagged(depth: int) -> bytes:
    """Many numbers with a tag that is nested so deep, in tags, meta and the message."""
    rows = b"[[1]%b]" % (b",[1]" * 200)
    return b'{"data":{"ndarray":%b},"meta":{"tags":{"a":%b}}}' % (rows, b"[" * depth + b"]" * depth)


TEXT = {
    "nothing": (b"", "the body is empty"),
    "blanks": (b" \n", "the body is empty"),
    "cut off": (b'{"data":', "Can't find JSON"),
    "no JSON": (b"hello", "Can't find JSON"),
    "no object": (b"[1]", "Invalid request data type: [1]"),
    "null": (b"null", "Invalid request data type: None"),
    "something after it": (GOOD + b"x", "trailing"),
    **{f"{depth} deep": (b'{"jsonData":%b}' % nested, "at most 100 levels") for depth, nested in NESTED.items()},
    "deep beside NaN": (b'{"jsonData":[NaN,%b]}' % NESTED[250_000], "at most 100 levels"),
    "deep in tags": (b'{"strData":"x","meta":{"tags":{"a":%b}}}' % NESTED[120], "at most 100 levels"),
    "deep in tags beside many numbers": (tagged(98), "at most 100 levels"),
    "deep in a list of objects": (ndarray(b'[{"a":%b}]' % NESTED[120]), "at most 100 levels"),
    "deep and not closed": (b"[" * 250_000, "at most 100 levels"),
    "a number as key": (b'{1:"a"}', "keys must be strings"),
    "half a surrogate pair": (rb'{"strData":"\ud800"}', "half of a character"),
    "half a surrogate pair as key": (rb'{"jsonData":{"\udc00":1}}', "half of a character"),
    "half a surrogate pair beside NaN": (rb'{"jsonData":["\ud800",NaN]}', "half of a character"),
    "Latin-1": (b'{"strData":"\xff"}', "not UTF-8"),
    "a surrogate in UTF-8": (b'{"strData":"\xed\xa0\x80"}', "not UTF-8"),
    "UTF-16": ('{"strData":"x"}'.encode("utf-16"), "Can't find JSON"),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, "byte order mark"),
    "a null byte": (b'{"strData":"a\0b"}', "Can't find JSON"),
}
NUMBERS = {
    "1e999": (ndarray(b"[1e999]"), "out of range"),
    "1e999 beside NaN": (ndarray(b"[NaN,1e999]"), "out of range"),
    "2^64": (ndarray(b"[18446744073709551616]"), "does not fit into 64 bits"),
    "-2^63 - 1": (ndarray(b"[-9223372036854775809]"), "does not fit into 64 bits"),
    "400 digits": (ndarray(b"[%b]" % (b"9" * 400)), "400 digits"),
    "400 digits beside a fraction": (ndarray(b"[0.5,%b]" % (b"9" * 400)), "400 digits"),
    "5,000 digits": (ndarray(b"[%b]" % (b"9" * 5000)), "out of range"),
    "5,000 digits beside NaN": (ndarray(b"[NaN,%b]" % (b"9" * 5000)), "5000 digits"),
    "2^53 + 1 beside a fraction": (ndarray(b"[9007199254740993,0.5]"), "cannot hold it exactly"),
}
ARRAYS = {
    "ragged": (ndarray(b"[[1,2],[3]]"), "rows of equal length"),
    "ragged deeper": (ndarray(b"[[[1],[2]],[[3],4]]"), "rows of equal length"),
    "no list": (ndarray(b'{"a":1}'), "Expected `array`"),
    "40 dimensions": (ndarray(b"[" * 40 + b"]" * 40), "at most 32 dimensions"),
    "negative shape": (tensor([-1], [1]), "got -1"),
    "two negative sizes": (tensor([-1, -1], [1]), "got -1"),
    "fraction as shape": (tensor([1.5], [1]), "Expected `int`, got `float`"),
    "boolean shape": (tensor([True], [1]), "Expected `int`, got `bool`"),
    "65 dimensions": (tensor([1] * 65, [1]), "at most 32 dimensions"),
    "a million dimensions": (tensor([2] * 1_000_000, [1]), "at most 32 dimensions"),
    "a product over 64 bits": (tensor([2**4, 2**60 + 2], [1]), "Expected a size from 0"),
    "a size of 400 digits": (tensor([10**400], []), "401 digits"),
    "nothing, very wide": (tensor([0, 10**12], []), "Expected a size from 0"),
    "nothing, in many directions": (tensor([0, *[2**31 - 1] * 3], []), "has room for at most"),
    "too few values": (tensor([3], [1]), "holds 3 values, got 1"),
    "too many values": (tensor([1], [1, 2]), "holds 1 values, got 2"),
    "no shape": (b'{"data":{"tensor":{"values":[1]}}}', "`shape`"),
    "a text as value": (tensor([1], ["a"]), "Expected `number`, got `str`"),
    "a boolean as value": (tensor([1], [True]), "Expected `number`, got `bool`"),
    "a list as value": (tensor([1], [[1]]), "Expected `number`, got `array`"),
    "unknown dtype": (tftensor("DT_STRING", stringVal=["YQ=="]), "Expected one of DT_FLOAT"),
    "a list as dtype": (tftensor(["DT_FLOAT"], floatVal=[1]), "Expected one of DT_FLOAT"),
    "an object as dtype": (tftensor({}, floatVal=[1]), "Expected one of DT_FLOAT"),
    "300 as INT8": (tftensor("DT_INT8", intVal=[300]), "does not fit into int8"),
    "-1 as UINT8": (tftensor("DT_UINT8", intVal=[-1]), "does not fit into uint8"),
    "infinity as INT32": (tftensor("DT_INT32", intVal=[float("inf")]), "Expected a value of int32"),
    "1e300 as FLOAT": (tftensor("DT_FLOAT", floatVal=[1e300]), "does not fit into float32"),
    "400 digits as DOUBLE": (tftensor("DT_DOUBLE", doubleVal=[10**400]), "Expected a value of float64"),
    "infinite size": (tftensor("DT_FLOAT", tensorShape={"dim": [{"size": float("inf")}]}), "tensorShape"),
    "a fraction as size": (tftensor("DT_FLOAT", tensorShape={"dim": [{"size": 1.5}]}), "tensorShape"),
    "100,000 sizes": (
        tftensor("DT_FLOAT", floatVal=[1], tensorShape={"dim": [{"size": 2**31 - 1}] * 100_000}),
        "at most 32 dimensions",
    ),
    "broken content": (tftensor("DT_FLOAT", tensorContent="AAA="), "no whole number of float32"),
    "content that is no base64": (tftensor("DT_FLOAT", tensorContent="é"), "Expected base64"),
}
SELDON = {
    "tensor and ndarray": (b'{"data":{"tensor":{"shape":[1],"values":[1]},"ndarray":[1]}}', "got more than one"),
    "binData and strData": (b'{"binData":"YQ==","strData":"x"}', "strData and binData"),
    "customData": (b'{"customData":{}}', "gRPC only"),
    "too few names": (b'{"data":{"names":["a"],"ndarray":[[1,2]]}}', "one name for each of 2 columns"),
    "names that are no texts": (b'{"data":{"names":[1,2],"ndarray":[[1,2]]}}', "Expected `str`"),
    "names of nothing": (b'{"data":{"names":["a"]}}', "0 columns"),
    "meta that is a text": (b'{"meta":"x","strData":"x"}', "`$.meta`"),
    "meta that is a list": (b'{"meta":[],"strData":"x"}', "`$.meta`"),
    "tags that are a list": (b'{"meta":{"tags":[]},"strData":"x"}', "`$.meta.tags`"),
    "a puid that is a number": (b'{"meta":{"puid":1},"strData":"x"}', "`$.meta.puid`"),
    "routing to a text": (b'{"meta":{"routing":{"a":"x"}},"strData":"x"}', "`$.meta.routing[...]`"),
    "base64 without padding": (b'{"binData":"YQ"}', "base64"),
    "data that is a text": (b'{"data":"x"}', "`$.data`"),
    "nothing but null": (b'{"strData":null}', "holds none of"),
}
BAD = {**TEXT, **NUMBERS, **ARRAYS, **SELDON}
BAD_FEEDBACK = {
    "a list": (b"[1]", "expected a Feedback"),
    "a reward that is a text": (b'{"reward":"1"}', "Expected `float | null`, got `str`"),
    "a reward that is no number": (b'{"reward":NaN}', "finite"),
    "an infinite reward": (b'{"reward":Infinity}', "finite"),
    "a huge reward": (b'{"reward":1e999}', "out of range"),
    "a reward of 400 digits": (b'{"reward":%b}' % (b"9" * 400), "out of range"),
    "a request that is a text": (b'{"request":"x"}', "`$.request`"),
    "a request with two kinds of data": (b'{"request":{"strData":"x","binData":"YQ=="}}', "in request"),
    "a deep truth": (b'{"truth":{"jsonData":%b}}' % NESTED[250_000], "at most 100 levels"),
    "a child that is not there": (b'{"response":{"meta":{"routing":{"router":99}}}}', "branch 99"),
    "a negative child": (b'{"response":{"meta":{"routing":{"router":-5}}}}', "branch -5"),
    "a child that is a text": (b'{"response":{"meta":{"routing":{"router":"a"}}}}', "routing"),
}


@pytest.mark.parametrize(("body", "words"), BAD.values(), ids=BAD.keys())
def test_a_bad_message_is_the_callers_mistake(server: Process, body: bytes, words: str) -> None:
    assert_answered(server, Attack(post(body), 400, words))


@pytest.mark.parametrize(("body", "words"), BAD_FEEDBACK.values(), ids=BAD_FEEDBACK.keys())
def test_a_bad_feedback_is_the_callers_mistake(server: Process, body: bytes, words: str) -> None:
    assert_answered(server, Attack(post(body, to="router", at=FEEDBACK), 400, words))


OF_ANOTHER = b'{"response":{"meta":{"puid":"of-nobody","routing":{"another-deployments-router":7}}},"reward":1}'


@pytest.mark.parametrize("body", [b'{"reward":1.0}', b'{"request":{"strData":"x"},"reward":-1}', b"{}", OF_ANOTHER])
def test_feedback_for_unknown_requests_is_taken_again_and_again(server: Process, body: bytes) -> None:
    assert [exchange(server, post(body, to="router", at=FEEDBACK))[0].status for _ in range(2)] == [200, 200]


KEPT = {
    "the last of two keys": (b'{"strData":"a","strData":"b"}', '"strData":"b"'),
    "tags as deep as they may be": (tagged(97), "[" * 97 + "]" * 97),
    "texts as deep as they may be": (b'{"jsonData":%b}' % (b'["[",' * 98 + b'"]"' + b"]" * 98), '["[",' * 98),
    "__proto__": (b'{"jsonData":{"__proto__":{"a":1}}}', '{"__proto__":{"a":1}}'),
    "NaN": (ndarray(b"[[NaN,-Infinity]]"), "[[NaN,-Infinity]]"),
    "NaN in quotes": (tensor([1], ["NaN"]), '"values":["NaN"]'),
    "negative zero": (ndarray(b"[[-0.0]]"), "[[-0.0]]"),
    "2^63": (ndarray(b"[[9223372036854775808]]"), "[[9223372036854775808]]"),
    "no rows": (tensor([0, 4], []), '"shape":[0,4]'),
    "32 dimensions": (tensor([1] * 32, [1]), '"values":[1]'),
    "mixed values": (ndarray(b'[["a",1,null,true,{"b":[1]}]]'), '[["a",1,null,true,{"b":[1]}]]'),
    "a null in a text": (rb'{"strData":"a\u0000b"}', r"a\u0000b"),
    "a pair of surrogates": (rb'{"strData":"\ud83d\ude00"}', "😀"),
    "HTML": (b'{"strData":"<script>&"}', r"\u003cscript\u003e\u0026"),
}


@pytest.mark.parametrize(("body", "words"), KEPT.values(), ids=KEPT.keys())
def test_what_is_odd_and_right_is_kept(server: Process, body: bytes, words: str) -> None:
    assert_answered(server, Attack(post(body), 200, words))


def test_two_million_lists_do_not_keep_the_server(server: Process) -> None:
    (answer,) = exchange(server, post(b'{"jsonData":{"a":[%b[]]}}' % (b"[]," * 2_000_000)))
    assert answer.status == 200
