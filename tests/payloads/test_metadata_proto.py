"""Metadata as protobuf messages."""

import pytest
from google.protobuf import json_format

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads.metadata_proto import decode_model_metadata, encode_graph_metadata, encode_model_metadata
from tests.stubs import stubs

TENSOR = {"messagetype": "tensor", "schema": {"names": ["a"]}, "name": "x", "datatype": "FP32", "shape": [-1, 4]}
MODEL = {"name": "m", "versions": ["1"], "platform": "p", "inputs": [TENSOR], "outputs": [], "custom": {"a": "b"}}


def test_a_model() -> None:
    body = encode_model_metadata({**MODEL, "custom": {"a": "b", "n": [1]}, "more": 1})
    read = json_format.MessageToDict(stubs().messages.SeldonModelMetadata.FromString(body))
    assert read["custom"] == {"a": "b", "n": "[1]"}
    assert read["inputs"] == [{**TENSOR, "shape": ["-1", "4"]}]
    assert (read["name"], read["versions"], read["platform"]) == ("m", ["1"], "p")


def test_a_graph() -> None:
    body = encode_graph_metadata({"name": "g", "models": {"m": MODEL}, "graphinputs": [TENSOR], "graphoutputs": []})
    read = stubs().messages.SeldonGraphMetadata.FromString(body)
    assert (read.name, read.models["m"].platform, read.inputs[0].datatype) == ("g", "p", "FP32")


@pytest.mark.parametrize("wrong", [{"inputs": "x"}, {"versions": 3}, {"inputs": [{"shape": ["x"]}]}, {"custom": [1]}])
def test_what_the_message_cannot_say(wrong: dict[str, object]) -> None:
    with pytest.raises(BadAnswer, match="does not fit"):
        encode_model_metadata({**MODEL, **wrong})


def test_what_a_component_says_is_read() -> None:
    given = {
        "name": "m",
        "versions": ["1"],
        "inputs": [
            {"name": "x", "datatype": "FP32", "shape": [-1, 4]},
            {"messagetype": "jsonData", "schema": {"a": 1}},
        ],
        "custom": {"k": "v"},
    }
    assert decode_model_metadata(encode_model_metadata(given)) == given
    with pytest.raises(BadMessage, match=r"Expected a seldon\.protos\.SeldonModelMetadata"):
        decode_model_metadata(b"\xff")
