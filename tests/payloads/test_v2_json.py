"""Tensors as JSON: each value comes back as it was."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infergraph.errors import BadMessage
from infergraph.payloads import json_text
from infergraph.payloads.v2_json import from_json, to_json
from tests.payloads.tensors import arrays_of, datatypes, same

WORDS = st.text(st.characters(codec="utf-8"), max_size=5)


@given(st.data(), datatypes)
def test_every_datatype_comes_back_from_json(data: st.DataObject, datatype: str) -> None:
    array = data.draw(arrays_of(datatype, WORDS))
    body = json_text.encode(to_json(datatype, array, "x"))
    again = from_json(datatype, list(array.shape), json_text.decode(body), "$")
    assert same(again, array)


@pytest.mark.parametrize(("shape", "data"), [([2, 2], [[1, 2], [3, 4]]), ([2, 2], [1, 2, 3, 4]), ([1, 1], [[1]])])
def test_data_are_flat_or_nested_as_the_shape_says(shape: list[int], data: list[object]) -> None:
    assert from_json("INT16", shape, data, "$").shape == tuple(shape)


def test_bfloat16_is_rounded_to_the_nearest() -> None:
    values = from_json("BF16", [4], [1.0, 1.00390625, 1.01171875, 3.4e38], "$")
    assert values.tolist()[:3] == [1.0, 1.0, 1.015625]  # ties to even
    assert np.isfinite(values).tolist() == [True, True, True, False]


def test_bytes_that_are_no_text_are_none_in_json() -> None:
    with pytest.raises(BadMessage, match="ask for binary data"):
        to_json("BYTES", np.array([b"\xff"], dtype=object), "x")
    assert to_json("BYTES", np.array([b"a", "b"], dtype=object), "x") == ["a", "b"]


def test_a_refusal_shows_the_value_and_not_all_of_it() -> None:
    with pytest.raises(BadMessage) as caught:
        from_json("INT8", [1], ["a" * 10_000], "$.inputs[0]")
    assert len(str(caught.value)) < 120
    assert msgspec.json.encode(str(caught.value))
