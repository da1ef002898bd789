"""Example requests: of the kind and width that a graph says it takes, and always ones that can be sent."""

from typing import Any

import pytest

from infergraph.payloads.seldon_json import decode_feedback, decode_message
from infergraph.servers.examples import DEFAULT_WIDTH, example_kind, example_message, example_texts

Metadata = dict[str, Any]


def inputs(**first: Any) -> Metadata:
    return {"name": "main", "models": {}, "graphinputs": [first], "graphoutputs": []}


@pytest.mark.parametrize(
    ("metadata", "width"),
    [
        (None, DEFAULT_WIDTH),
        ({}, DEFAULT_WIDTH),
        (inputs(messagetype="ndarray", schema={"shape": [2]}), 2),
        (inputs(name="x", datatype="FP32", shape=[-1, 3]), 3),
        (inputs(shape=[1], schema={"shape": [2]}), 1),
        (inputs(shape=[], schema={"shape": [2]}), 2),
        (inputs(shape=[100]), 100),
        (inputs(shape=[101]), DEFAULT_WIDTH),
        (inputs(shape=[0]), DEFAULT_WIDTH),
        (inputs(shape=[-1]), DEFAULT_WIDTH),
        (inputs(shape=["many"]), DEFAULT_WIDTH),
        (inputs(shape=3), DEFAULT_WIDTH),
        (inputs(schema=[2]), DEFAULT_WIDTH),
        ({"graphinputs": "nonsense"}, DEFAULT_WIDTH),
        ({"graphinputs": ["nonsense"]}, DEFAULT_WIDTH),
        ({"graphinputs": []}, DEFAULT_WIDTH),
    ],
)
def test_the_example_is_as_wide_as_the_input(metadata: Metadata | None, width: int) -> None:
    assert example_message(metadata) == {"data": {"ndarray": [[float(column) for column in range(1, width + 1)]]}}
    texts = example_texts(metadata)
    assert decode_message(texts["ndarray"].encode()).data.shape == (1, width)
    assert decode_message(texts["tensor"].encode()).data.shape == (1, width)


@pytest.mark.parametrize(
    ("metadata", "kind"),
    [
        (None, "ndarray"),
        (inputs(messagetype="strData"), "strData"),
        (inputs(messagetype="tensor"), "tensor"),
        (inputs(messagetype="jsonData"), "jsonData"),
        (inputs(messagetype="something else"), "ndarray"),
        (inputs(messagetype=["strData"]), "ndarray"),
        ({"graphinputs": "nonsense"}, "ndarray"),
        ({"graphinputs": ["nonsense"]}, "ndarray"),
    ],
)
def test_the_first_example_is_of_the_kind_that_the_graph_takes(metadata: Metadata | None, kind: str) -> None:
    assert example_kind(metadata) == kind


@pytest.mark.parametrize("metadata", [None, inputs(messagetype="tensor", schema={"shape": [7]}), inputs(shape=[-1, 3])])
def test_every_example_can_be_sent(metadata: Metadata | None) -> None:
    texts = example_texts(metadata)
    decode_feedback(texts.pop("feedback").encode())
    assert {kind: decode_message(text.encode()).encoding.value for kind, text in texts.items()} == {
        kind: kind for kind in ("ndarray", "tensor", "strData", "jsonData")
    }


def test_numbers_keep_the_form_in_which_they_are_written() -> None:
    assert "[[1.0,2.0,3.0,4.0]]" in example_texts(None)["ndarray"]


@pytest.mark.parametrize(
    ("names", "is_named"), [(["a", "b"], True), (["a"], False), ([1, 2], False), ("ab", False), (None, False)]
)
def test_the_example_is_named_as_the_input(names: Any, is_named: bool) -> None:
    data = example_message(inputs(schema={"shape": [2], "names": names}))["data"]
    assert data == {"ndarray": [[1.0, 2.0]]} | ({"names": names} if is_named else {})
