"""Tensors as bytes: each comes back as it was, and numbers without a copy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads.v2_binary import from_binary, to_binary
from infergraph.payloads.v2_json import from_json, to_json
from tests.payloads.tensors import arrays_of, datatypes, same


@given(st.data(), datatypes)
def test_every_datatype_comes_back_from_bytes(data: st.DataObject, datatype: str) -> None:
    array = data.draw(arrays_of(datatype, st.binary(max_size=5)))
    content = b"".join([to_binary(datatype, array, "x")])
    assert same(from_binary(datatype, list(array.shape), memoryview(content), "$"), array)


@given(st.data(), datatypes)
def test_json_and_bytes_say_the_same(data: st.DataObject, datatype: str) -> None:
    array = data.draw(arrays_of(datatype, st.text(st.characters(codec="utf-8"), max_size=5)))
    shape = list(array.shape)
    from_bytes = from_binary(datatype, shape, memoryview(b"".join([to_binary(datatype, array, "x")])), "$")
    again = from_json(datatype, shape, to_json(datatype, from_bytes, "x"), "$")
    assert same(again, array)


def test_numbers_are_a_view_on_the_bytes() -> None:
    body = b"x" + np.arange(4, dtype="<f4").tobytes()
    array = from_binary("FP32", [4], memoryview(body)[1:], "$")
    assert array.tolist() == [0, 1, 2, 3]
    assert np.shares_memory(array, np.frombuffer(body, np.uint8))
    assert not array.flags.writeable


def test_an_answer_goes_out_as_it_is() -> None:
    array = np.arange(4.0)
    assert np.shares_memory(np.frombuffer(to_binary("FP64", array, "x")), array)


@given(st.binary(max_size=40), st.integers(0, 6))
def test_any_bytes_are_elements_or_a_refusal(content: bytes, count: int) -> None:
    try:
        array = from_binary("BYTES", [count], memoryview(content), "$")
    except BadMessage:
        return
    assert b"".join([to_binary("BYTES", array, "x")]) == content


def test_a_text_that_utf_8_cannot_say() -> None:
    with pytest.raises(BadAnswer, match="UTF-8"):
        to_binary("BYTES", np.array(["\ud800"], dtype=object), "x")
