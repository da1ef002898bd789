"""Inference requests that are wrong, tricky or huge, over a real socket: refused in words, and the next is answered."""

import json
from typing import Any

import pytest

from tests.servers.attacked import exchange, post
from tests.serving import Process

INFER = "/v2/models/identity/infer"
GOOD = {"name": "x", "shape": [2], "datatype": "FP32", "data": [1.0, 2.0]}


def inputs(*given: Any, **more: Any) -> bytes:
    """A request of these inputs."""
    return json.dumps({"inputs": list(given), **more}).encode()


def one(**changed: Any) -> bytes:
    """A request of one input, a good one but for what is changed."""
    return inputs({**GOOD, **changed})


def sized(size: Any, *, shape: Any = (2,), datatype: str = "FP32", **parameters: Any) -> dict[str, Any]:
    """An input that announces so many bytes."""
    return {
        "name": "x",
        "shape": shape,
        "datatype": datatype,
        "parameters": {"binary_data_size": size, **parameters},
    }


MESSAGES = {
    "nothing": (b"", "the body is empty"),
    "cut off": (b'{"inputs":[', "Can't find JSON"),
    "a list": (b"[]", "Expected `object`"),
    "no inputs": (b"{}", "required field `inputs`"),
    "inputs that are null": (b'{"inputs":null}', "`$.inputs`"),
    "empty inputs": (inputs(), "1 to 1000 inputs, got 0"),
    "10,000 inputs": (inputs(*({**GOOD, "name": str(index)} for index in range(10_000))), "got 10000"),
    "two inputs of one name": (inputs(GOOD, GOOD), "two inputs named 'x'"),
    "no name": (inputs({"shape": [1], "datatype": "FP32", "data": [1]}), "required field `name`"),
    "no data": (inputs({"name": "x", "shape": [1], "datatype": "FP32"}), "got neither"),
    "shared memory": (inputs(sized(4, shared_memory_region="r")), "0 bytes that are left"),
    "parameters that are a list": (one(parameters=[]), "`$.inputs[0].parameters`"),
    "deep parameters": (
        b'{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1],"parameters":{"a":%b}}]}'
        % (b"[" * 120 + b"]" * 120),
        "at most 100 levels",
    ),
    "deeper parameters": (b'{"parameters":{"a":%b}}' % (b"[" * 250_000 + b"]" * 250_000), "at most 100 levels"),
    "deep data": (b'{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":%b}]}' % (b"[" * 250_000), "100 level"),
    "an id that is a number": (inputs(GOOD, id=1), "`$.id`"),
    "an id of 1 MB": (inputs(GOOD, id="a" * 2**20), "at most 1024 characters"),
    "an output that is not there": (inputs(GOOD, outputs=[{"name": "y"}]), "the outputs are predict"),
    "an output wanted twice": (inputs(GOOD, outputs=[{"name": "predict"}] * 2), "asked for twice"),
    "10,000 outputs": (inputs(GOOD, outputs=[{"name": "predict"}] * 10_000), "at most 1000 outputs"),
    "a class wanted": (inputs(GOOD, outputs=[{"name": "predict", "parameters": {"classification": 1}}]), "not offered"),
    "a flag that is a text": (inputs(GOOD, parameters={"binary_data_output": "yes"}), "true or false"),
    "BF16 of integers": (
        inputs(
            {**GOOD, "datatype": "INT8", "data": [1, 2]},
            outputs=[{"name": "predict", "parameters": {"datatype": "BF16"}}],
        ),
        "floats can be had as BF16",
    ),
}
TEXT = {
    "something after it": (one() + b"x", "trailing"),
    "a number as key": (b'{1:"a"}', "keys must be strings"),
    "half a surrogate pair": (one(datatype="BYTES", data=["\ud800", "a"]), "half of a character"),
    "half a surrogate pair as name": (one(name="\udc00"), "half of a character"),
    "half a surrogate pair as id": (inputs(GOOD, id="\ud800"), "half of a character"),
    "Latin-1": (one(name="?").replace(b"?", b"\xff"), "not UTF-8"),
    "a surrogate in UTF-8": (one(name="?").replace(b"?", b"\xed\xa0\x80"), "not UTF-8"),
    "a byte order mark": (b"\xef\xbb\xbf" + one(), "byte order mark"),
    "a null byte": (one(name="?").replace(b"?", b"\0"), "Can't find JSON"),
    "1e999": (one().replace(b"1.0", b"1e999"), "out of range"),
    "1e999 beside NaN": (one(data=[float("nan"), 1.5]).replace(b"1.5", b"1e999"), "out of range"),
    "5,000 digits": (one().replace(b"1.0", b"9" * 5000), "out of range"),
    "2^63 as INT64": (one(datatype="INT64", data=[2**63, 1]), "Expected a value of INT64, got 9223372036854775808"),
}
TENSORS = {
    "a negative size": (one(shape=[-2]), "got -2"),
    "two negative sizes": (one(shape=[-1, -2]), "got -1"),
    "a fraction as size": (one(shape=[2.5]), "Expected `int`"),
    "a boolean as size": (one(shape=[True]), "Expected `int`"),
    "a shape that is a number": (one(shape=2), "`$.inputs[0].shape`"),
    "65 dimensions": (one(shape=[1] * 65), "at most 32 dimensions"),
    "a product over 64 bits": (one(shape=[2**4, 2**60 + 2]), "Expected a size from 0"),
    "nothing, very wide": (one(shape=[0, 10**12], data=[]), "Expected a size from 0"),
    "nothing, in many directions": (one(shape=[0, *[2**31 - 1] * 3], data=[]), "has room for at most"),
    "too few values": (one(shape=[3]), "holds 3 values, got 2"),
    "too many values": (one(shape=[1]), "holds 1 values, got 2"),
    "ragged": (one(shape=[3], data=[[1.0, 2.0], [3.0]]), "rows of equal length"),
    "nested in another way": (one(shape=[2, 3], data=[[1, 2], [3, 4], [5, 6]]), "nested as [3, 2]"),
    "no list": (one(data="ab"), "Expected `array`, got `str`"),
    "an unknown datatype": (one(datatype="FLOAT"), "Expected one of BOOL, UINT8"),
    "a datatype that is a number": (one(datatype=32), "datatype"),
    "a text among floats": (one(data=[1.0, "abc"]), "Expected a value of FP32, got 'abc' - at `$.inputs[0].data[1]`"),
    "a boolean among floats": (one(data=[1.0, True]), "got True"),
    "a null among floats": (one(data=[1.0, None]), "got None"),
    "300 as INT8": (one(datatype="INT8", data=[1, 300]), "Expected a value of INT8, got 300"),
    "-1 as UINT8": (one(datatype="UINT8", data=[-1, 1]), "Expected a value of UINT8, got -1"),
    "2^64 as UINT64": (one(datatype="UINT64", data=[2**64, 1]), "UINT64"),
    "a fraction as INT32": (one(datatype="INT32", data=[1, 1.5]), "Expected a value of INT32, got 1.5"),
    "1e39 as FP32": (one(data=[1e39, 1.0]), "does not fit into FP32"),
    "1e5 as FP16": (one(datatype="FP16", data=[1e5, 1.0]), "does not fit into FP16"),
    "400 digits as FP64": (one(datatype="FP64", data=[10**400, 1.0]), "does not fit into FP64"),
    "1 as BOOL": (one(datatype="BOOL", data=[1, 0]), "Expected a value of BOOL, got 1"),
    "a number as BYTES": (one(datatype="BYTES", data=["a", 1]), "Expected a value of BYTES, got 1"),
    "an object as BYTES": (one(datatype="BYTES", data=["a", {}]), "Expected a value of BYTES, got object"),
}
BINARY = {
    "no header": (inputs(sized(8)), b"\0" * 8, "", "Can't find JSON"),
    "no header and bytes as the type": (inputs(sized(8)), b"\0" * 8, "typed", "Expected the header"),
    "a negative header": (inputs(sized(8)), b"\0" * 8, "-1", "got '-1'"),
    "a huge header": (inputs(sized(8)), b"\0" * 8, "99999999999", "the size of the body"),
    "a header of 1,000 digits": (inputs(sized(8)), b"\0" * 8, "9" * 1000, "the size of the body"),
    "a header that is a text": (inputs(sized(8)), b"\0" * 8, "abc", "got 'abc'"),
    "a header of nothing": (inputs(sized(8)), b"\0" * 8, "0", "the body is empty"),
    "too few bytes": (inputs(sized(8)), b"\0" * 7, None, "the 7 bytes that are left"),
    "too many bytes": (inputs(sized(8)), b"\0" * 9, None, "1 bytes follow the last tensor"),
    "a size that does not fit the shape": (inputs(sized(12)), b"\0" * 12, None, "takes 8 bytes, got 12"),
    "a negative size": (inputs(sized(-8)), b"\0" * 8, None, "got -8"),
    "a size that is a text": (inputs(sized("8")), b"\0" * 8, None, "got '8'"),
    "a size that is true": (inputs(sized(True)), b"\0" * 8, None, "got True"),
    "data too": (inputs({**sized(8), "data": [1.0, 2.0]}), b"\0" * 8, None, "got both"),
    "4 GB announced": (
        inputs(sized(8, shape=[1], datatype="BYTES")),
        b"\xff\xff\xff\xffabcd",
        None,
        "Element 0 announces 4294967295 bytes, and 4 are left",
    ),
    "many elements announced": (inputs(sized(8, shape=[2**31 - 1], datatype="BYTES")), b"\0" * 8, None, "at least"),
    "half a length": (inputs(sized(10, shape=[2], datatype="BYTES")), b"\4\0\0\0abcd\0\0", None, "got 1"),
    "an element too many": (inputs(sized(8, shape=[1], datatype="BYTES")), b"\0" * 8, None, "4 bytes follow"),
    "BOOL of 2": (inputs(sized(2, datatype="BOOL")), b"\0\2", None, "0 or 1, got 2"),
    "str that is no text": (
        inputs(sized(5, shape=[1], datatype="BYTES", content_type="str")),
        b"\1\0\0\0\xff",
        None,
        "no UTF-8",
    ),
}
BAD = {**MESSAGES, **TEXT, **TENSORS}


def asked(server: Process, body: bytes, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """What the identity answers."""
    (answer,) = exchange(server, post(body, at=INFER, **headers))
    return answer.status, answer.headers, answer.body


def assert_refused(server: Process, body: bytes, words: str, **headers: str) -> None:
    status, answered, text = asked(server, body, **headers)
    assert (status, answered["content-type"]) == (400, "application/json"), text[:300]
    refusal = json.loads(text)
    assert refusal.keys() == {"error"}
    assert words in refusal["error"]
    assert len(refusal["error"]) < 600
    assert json.loads(asked(server, one())[2])["outputs"][0]["data"] == [1.0, 2.0]


@pytest.mark.parametrize(("body", "words"), BAD.values(), ids=BAD.keys())
def test_a_bad_request_is_the_callers_mistake(server: Process, body: bytes, words: str) -> None:
    assert_refused(server, body, words)


@pytest.mark.parametrize(("head", "rest", "length", "words"), BINARY.values(), ids=BINARY.keys())
def test_bad_bytes_are_the_callers_mistake(
    server: Process, head: bytes, rest: bytes, length: str | None, words: str
) -> None:
    given = str(len(head)) if length is None else length
    headers = {"Inference_Header_Content_Length": given} if given not in ("", "typed") else {}
    kind = "application/json" if length == "" else "application/octet-stream"
    assert_refused(server, head + rest, words, Content_Type=kind, **headers)


KEPT: dict[str, tuple[bytes, str]] = {
    "an id with newlines": (inputs(GOOD, id='a\nb\r\n"'), r'"id":"a\nb\r\n\""'),
    "an unknown codec": (one(parameters={"content_type": "os.system"}), '"data":[1.0,2.0]'),
    "nested data": (one(shape=[1, 2], data=[[1, 2]]), '"shape":[1,2],"data":[1.0,2.0]'),
    "no values": (one(shape=[0, 3], data=[]), '"shape":[0,3],"data":[]'),
    "NaN": (one(data=[float("nan"), float("inf")]), '"data":[NaN,Infinity]'),
    "NaN in quotes": (one(data=["NaN", "-Infinity"]), '"data":["NaN","-Infinity"]'),
    "2^64 - 1": (one(datatype="UINT64", data=[2**64 - 1, 0]), "[18446744073709551615,0]"),
    "parameters of 1 MB": (one(parameters={"note": "a" * 2**20, "list": [{}] * 1000}), '"data":[1.0,2.0]'),
    "__proto__": (one(parameters={"__proto__": {"a": 1}}), '"data":[1.0,2.0]'),
    "negative zero": (one(data=[-0.0, 1.0]), '"data":[-0.0,1.0]'),
    "-2^63": (one(datatype="INT64", data=[-(2**63), 0]), "[-9223372036854775808,0]"),
    "a null in a text": (one(datatype="BYTES", data=["a\0", ""]), r'["a\u0000",""]'),
    "a pair of surrogates": (one(datatype="BYTES", data=["😀", ""]), "😀"),
    "the last of two keys": (b'{"inputs":[],' + one()[1:], '"data":[1.0,2.0]'),
    "unknown members": (one(surprise={"a": 1}), '"data":[1.0,2.0]'),
    "HTML": (one(datatype="BYTES", data=["<script>", "&"]), r"\u003cscript\u003e"),
}


@pytest.mark.parametrize(("body", "words"), KEPT.values(), ids=KEPT.keys())
def test_what_is_odd_and_right_is_answered(server: Process, body: bytes, words: str) -> None:
    status, _, text = asked(server, body)
    assert status == 200, text
    assert words in text.decode()


def test_an_id_belongs_to_its_own_request(server: Process) -> None:
    for value in (1.0, 2.0):
        answer = json.loads(asked(server, one(data=[value, value])[:-1] + b',"id":"same"}')[2])
        assert (answer["id"], answer["outputs"][0]["data"]) == ("same", [value, value])


def test_a_short_text_may_become_many_bytes(server: Process) -> None:
    count = 3_000_000
    body = b'{"inputs":[{"name":"x","shape":[%d],"datatype":"FP64","data":[0%b]}]}' % (count, b",0" * (count - 1))
    status, _, text = asked(server, body)
    assert status == 200
    assert json.loads(text)["outputs"][0]["shape"] == [count]
