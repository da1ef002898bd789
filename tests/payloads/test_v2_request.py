"""Inference requests: what a component gets of them, and what answer they want."""

from typing import Any

import msgspec
import numpy as np
import pytest

from infergraph.errors import BadMessage
from infergraph.payloads import Encoding, Payload
from infergraph.payloads.v2_request import Wanted, decode_request


def asked(*inputs: object, rest: bytes = b"", **more: Any) -> tuple[Payload, Wanted]:
    head = msgspec.json.encode({"inputs": inputs, **more})
    return decode_request(head + rest, len(head), 100)


def column(name: str, datatype: str = "FP32", *values: object) -> dict[str, object]:
    return {"name": name, "shape": [len(values), 1], "datatype": datatype, "data": values}


def test_one_input_is_an_array() -> None:
    payload, wanted = asked({"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1, 2]})
    assert (payload.encoding, payload.names, payload.data.dtype) == (Encoding.V2, [], np.float32)
    assert wanted == Wanted()


def test_one_column_has_its_name() -> None:
    payload, _ = asked(column("text", "BYTES", "a"))
    assert (payload.encoding, payload.names) == (Encoding.V2, ["text"])


def test_several_inputs_are_arrays_by_name_in_their_order() -> None:
    binary = {"name": "b", "shape": [2], "datatype": "INT16", "parameters": {"binary_data_size": 4}}
    payload, _ = asked(column("c", "FP32", 1), binary, column("a", "BYTES", "x"), rest=b"\1\0\2\0")
    assert payload.encoding is Encoding.TENSORS
    assert {name: array.tolist() for name, array in payload.data.items()} == {"c": [[1.0]], "b": [1, 2], "a": [["x"]]}
    assert list(payload.data) == ["c", "b", "a"]


def test_texts_stay_what_they_came_as_unless_the_content_type_says_str() -> None:
    sent = {"name": "b", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": 6}}
    assert asked(sent, rest=b"\2\0\0\0\xc3\xa9")[0].data.tolist() == ["é".encode()]
    sent["parameters"] = {"binary_data_size": 6, "content_type": "str"}
    assert asked(sent, rest=b"\2\0\0\0\xc3\xa9")[0].data.tolist() == ["é"]
    assert asked({**column("a", "BYTES", "é"), "parameters": {"content_type": "str"}})[0].data.tolist() == [["é"]]


def test_the_answer_that_is_wanted() -> None:
    outputs = [{"name": "p"}, {"name": "q", "parameters": {"binary_data": False}}]
    more: dict[str, Any] = {"id": "7", "outputs": outputs, "parameters": {"binary_data_output": True}}
    assert asked(column("a", "FP32", 1), **more)[1] == Wanted("7", {"p": {}, "q": {"binary_data": False}}, True)


@pytest.mark.parametrize("body", [b'{"inputs":[NaN]}', b'{"inputs":[{"name":NaN}]}'])
def test_bare_nan_in_a_wrong_place(body: bytes) -> None:
    with pytest.raises(BadMessage, match="inference request"):
        decode_request(body, None, 100)
