"""Whether bytes are a SeldonMessage, without reading what it holds."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infergraph.errors import BadMessage
from infergraph.payloads import json_text
from infergraph.payloads.outline import is_message


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":{"ndarray":[[1,2.5,"x",null]]}}',
        b' {"data" : {"names":["a"], "tensor":{"shape":[1],"values":[1]}}, "meta":{"tags":{"a":{}}}}\n',
        b'{"data":{"tftensor":{}}}',
        b'{"strData":"\xc3\xa4"}',
        b'{"binData":"AA==","meta":{}}',
        b'{"jsonData":null,"status":{"code":200}}',
        b'{"jsonData":' + b"[" * 90 + b"]" * 90 + b"}",
    ],
)
def test_a_message_of_one_kind_of_data_is_one(body: bytes) -> None:
    assert is_message(body)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"null", b"[1]", b"{}", b"<html>", b'{"data":{"ndarray":[1]}}x', b'{"data":{"ndarray":[1,]}}'),
        b'\xef\xbb\xbf{"strData":"x"}',
        *(b'{"strData":"\xff"}', b'{"jsonData":"\xff"}', b'{"strData":"\\ud800"}', b'{"strData":"a\x01b"}'),
        *(b'{"data":{"ndarray":[NaN]}}', b'{"data":{"ndarray":[01]}}', b'{"data":{"ndarray":[tru]}}'),
        *(b'{"data":null}', b'{"data":{}}', b'{"data":{"names":[]}}', b'{"data":[[1]]}', b'{"strData":5}'),
        b'{"data":{"ndarray":[1],"tensor":{"shape":[1],"values":[1]}}}',
        *(b'{"strData":"x","jsonData":1}', b'{"strData":"x","meta":[]}', b'{"strData":"x","other":1}'),
        b'{"customData":{}}',
        b'{"jsonData":' + b"[" * 101 + b"]" * 101 + b"}",
        b'{"jsonData":' + b"[" * 250_000 + b"]" * 250_000 + b"}",
    ],
)
def test_what_is_not_or_might_not_be_is_left_to_others(body: bytes) -> None:
    assert not is_message(body)


@given(st.binary() | st.text().map(str.encode) | st.text().map(lambda text: json.dumps({"jsonData": text}).encode()))
def test_what_is_one_can_be_read(body: bytes) -> None:
    if is_message(body):
        assert isinstance(json_text.decode(body), dict)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_whatever_a_reader_takes_with_all_fields_known_is_one(value: object) -> None:
    body = json_text.encode({"jsonData": value})
    try:
        json_text.decode(body)
    except BadMessage:
        return
    assert is_message(body)
