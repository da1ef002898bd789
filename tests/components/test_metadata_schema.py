"""What a component may say of itself."""

from typing import Any

import pytest

from infergraph.components.metadata_schema import problem_of

WHOLE: dict[str, Any] = {"name": "n", "versions": ["1"], "platform": "", "inputs": [], "outputs": [], "custom": {}}


@pytest.mark.parametrize(
    "part",
    [
        {"messagetype": "tensor", "schema": {"names": ["a"], "shape": [1, 5]}},
        {"messagetype": "ndarray", "schema": {"shape": [1]}},
        {"messagetype": "jsonData", "schema": {"type": "object", "properties": {"a": {"type": "number"}}}},
        {"messagetype": "strData"},
        {"messagetype": "binData"},
        {"messagetype": "mine", "schema": {}},
        {"name": "x", "datatype": "FP32", "shape": [-1, 4]},
    ],
)
def test_what_is_known(part: dict[str, Any]) -> None:
    assert problem_of({**WHOLE, "inputs": [part], "outputs": [part]}) is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": 3}, "$.name"),
        ({"versions": "v1"}, "$.versions"),
        ({"custom": {"a": 1}}, "$.custom"),
        ({"inputs": "none"}, "$.inputs"),
        ({"author": "me"}, "author"),
        ({"inputs": [{"messagetype": "tensor"}]}, "schema` - in `$.inputs[0]"),
        ({"outputs": [{"messagetype": "strData", "schema": {}}]}, "strData has no schema - in `$.outputs[0]"),
        ({"outputs": [{"messagetype": "mine", "shape": []}]}, "mine has no shape"),
        ({"inputs": [{"name": "x", "datatype": "float", "shape": [1]}]}, "got 'float'"),
        ({"inputs": [{"name": "x", "datatype": "FP32", "shape": ["a"]}]}, "$.shape"),
    ],
)
def test_what_is_not(fields: dict[str, Any], words: str) -> None:
    assert words in (problem_of({**WHOLE, **fields}) or "")
