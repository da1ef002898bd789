"""Predict requests that are wrong, tricky or huge, over a real socket: refused in words, and the next is answered."""

import json
from typing import Any

import pytest

from tests.servers.attacked import exchange, post
from tests.serving import Process

PREDICT = "/v1/models/identity:predict"
GOOD = b'{"instances":[1.0,2.0]}'
NESTED = {depth: b"[" * depth + b"]" * depth for depth in (120, 1000, 250_000)}


def instances(value: bytes) -> bytes:
    """A request of rows as they are written."""
    return b'{"instances":%b}' % value


def inputs(value: bytes) -> bytes:
    """A request of columns as they are written."""
    return b'{"inputs":%b}' % value


TEXT = {
    "nothing": (b"", "the body is empty"),
    "cut off": (b'{"instances":[', "Can't find JSON"),
    "a list": (b"[1]", "Expected `object`"),
    "null": (b"null", "Expected `object`"),
    "something after it": (GOOD + b"x", "trailing"),
    **{f"{depth} deep": (instances(nested), "at most 100 levels") for depth, nested in NESTED.items()},
    **{f"columns {depth} deep": (inputs(b'{"a":%b}' % nested), "100 levels") for depth, nested in NESTED.items()},
    "deep beside NaN": (instances(b"[NaN,%b]" % NESTED[250_000]), "at most 100 levels"),
    "deep and not closed": (instances(b"[" * 250_000), "at most 100 levels"),
    "deep in a member that nobody reads": (b'{"a":%b,"instances":[1]}' % NESTED[250_000], "at most 100 levels"),
    "a number as key": (b'{1:"a"}', "keys must be strings"),
    "half a surrogate pair": (instances(rb'["\ud800"]'), "half of a character"),
    "half a surrogate pair as name": (inputs(rb'{"\udc00":[1]}'), "half of a character"),
    "Latin-1": (instances(b'["\xff"]'), "not UTF-8"),
    "a surrogate in UTF-8": (instances(b'["\xed\xa0\x80"]'), "not UTF-8"),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, "byte order mark"),
    "a null byte": (instances(b'["a\0b"]'), "Can't find JSON"),
}
REQUESTS = {
    "neither form": (b"{}", "got neither"),
    "both forms": (b'{"instances":[1],"inputs":[1]}', "got both"),
    "instances that are null": (instances(b"null"), "Expected `array`"),
    "instances that are a text": (instances(b'"abc"'), "Expected `array`"),
    "instances that are an object": (instances(b'{"a":[1]}'), "Expected `array`"),
    "inputs that are null": (inputs(b"null"), "Expected `array`"),
    "inputs that are a number": (inputs(b"1"), "Expected `array`"),
    "no inputs": (inputs(b"{}"), "got 0"),
    "10,000 inputs": (inputs(json.dumps({str(i): [1] for i in range(10_000)}).encode()), "got 10000"),
    "10,000 names in a row": (instances(json.dumps([{str(i): 1 for i in range(10_000)}]).encode()), "got 10000"),
    "a signature that is a number": (b'{"signature_name":1,"instances":[1]}', "`$.signature_name`"),
    "ragged": (instances(b"[[1,2],[3]]"), "rows of equal length"),
    "ragged deeper": (instances(b"[[[1],[2]],[[3],4]]"), "rows of equal length"),
    "ragged columns": (inputs(b'{"a":[[1],[2,3]]}'), "rows of equal length"),
    "40 dimensions": (instances(b"[" * 40 + b"]" * 40), "at most 32 dimensions"),
    "names and none": (instances(b'[{"a":1},2]'), "got `int`"),
    "other names": (instances(b'[{"a":1},{"b":1}]'), "a, b differs"),
    "a name too many": (instances(b'[{"a":1},{"a":1,"b":1}]'), "b differs"),
    "base64 without padding": (instances(b'[{"b64":"YQ"}]'), "Expected base64"),
    "base64 that is none": (instances(b'[{"b64":"*"}]'), "Expected base64"),
    "base64 that is a number": (instances(b'[{"b64":1}]'), "Expected base64"),
}
NUMBERS = {
    "1e999": (instances(b"[1e999]"), "out of range"),
    "1e999 beside NaN": (instances(b"[NaN,1e999]"), "out of range"),
    "2^64": (instances(b"[18446744073709551616]"), "does not fit into 64 bits"),
    "-2^63 - 1": (instances(b"[-9223372036854775809]"), "does not fit into 64 bits"),
    "400 digits": (instances(b"[%b]" % (b"9" * 400)), "400 digits"),
    "5,000 digits": (instances(b"[%b]" % (b"9" * 5000)), "out of range"),
    "2^53 + 1 beside a fraction": (instances(b"[9007199254740993,0.5]"), "cannot hold it exactly"),
}
BAD = {**TEXT, **REQUESTS, **NUMBERS}


def asked(server: Process, body: bytes) -> tuple[int, str, bytes]:
    """What the identity answers."""
    (answer,) = exchange(server, post(body, at=PREDICT))
    return answer.status, answer.headers["content-type"], answer.body


@pytest.mark.parametrize(("body", "words"), BAD.values(), ids=BAD.keys())
def test_a_bad_request_is_the_callers_mistake(server: Process, body: bytes, words: str) -> None:
    status, kind, text = asked(server, body)
    assert (status, kind) == (400, "application/json"), text[:300]
    refusal = json.loads(text)
    assert refusal.keys() == {"error"}
    assert words in refusal["error"]
    assert len(refusal["error"]) < 600
    assert json.loads(asked(server, GOOD)[2]) == {"predictions": [1.0, 2.0]}


KEPT: dict[str, tuple[bytes, Any]] = {
    "the last of two keys": (b'{"instances":[1],"instances":[2]}', {"predictions": [2]}),
    "__proto__": (inputs(b'{"__proto__":[1],"a":[2]}'), {"outputs": {"__proto__": [1], "a": [2]}}),
    "2^63": (instances(b"[9223372036854775808]"), {"predictions": [2**63]}),
    "infinity": (instances(b"[Infinity,-Infinity]"), {"predictions": [float("inf"), float("-inf")]}),
    "no rows": (instances(b"[]"), {"predictions": []}),
    "rows of nothing": (instances(b"[[],[]]"), {"predictions": [[], []]}),
    "a null in a text": (instances(rb'["a\u0000b"]'), {"predictions": ["a\0b"]}),
    "a pair of surrogates": (instances(rb'["\ud83d\ude00"]'), {"predictions": ["😀"]}),
    "bytes that are no text": (instances(b'[{"b64":"/w=="}]'), {"predictions": [{"b64": "/w=="}]}),
    "an unknown member": (b'{"surprise":{},"instances":[1]}', {"predictions": [1]}),
    "an unknown signature": (b'{"signature_name":"../a","instances":[1]}', {"predictions": [1]}),
}


@pytest.mark.parametrize(("body", "answer"), KEPT.values(), ids=KEPT.keys())
def test_what_is_odd_and_right_is_answered(server: Process, body: bytes, answer: Any) -> None:
    status, _, text = asked(server, body)
    assert status == 200, text
    assert json.loads(text) == answer


def test_negative_zero_and_no_number_are_kept_as_they_are_written(server: Process) -> None:
    assert asked(server, instances(b"[-0.0,NaN]"))[2] == b'{"predictions":[-0.0,NaN]}'


def test_html_is_no_danger(server: Process) -> None:
    assert rb"\u003cscript\u003e" in asked(server, instances(b'["<script>"]'))[2]


def test_a_request_of_many_rows_does_not_keep_the_server(server: Process) -> None:
    status, _, text = asked(server, instances(b"[[1]%b]" % (b",[1]" * 1_000_000)))
    assert (status, text.count(b"[1]")) == (200, 1_000_001)
