"""Contracts as files."""

import json
from pathlib import Path
from typing import Any

import pytest

from infergraph.contract import BadContract, Feature, read_contract

X: dict[str, Any] = {"name": "x", "dtype": "FLOAT", "ftype": "continuous", "range": [0, 1]}


def contract(folder: Path, *features: Any, targets: Any = ()) -> Path:
    path = folder / "contract.json"
    path.write_text(json.dumps({"features": list(features), "targets": list(targets)}))
    return path


def test_it_is_read(tmp_path: Path) -> None:
    given = [{**X, "repeat": 3}, {"name": "c", "ftype": "categorical", "values": ["a", "b"]}]
    found = read_contract(contract(tmp_path, *given, targets=[{**X, "dtype": "int", "range": ["inf", 5]}]))
    x, c = found.features
    assert (x.repeat, x.low, x.high, x.type) == (3, 0.0, 1.0, "FLOAT")
    assert (c.values, c.type) == (["a", "b"], "STRING")
    (target,) = found.targets
    assert (target.low, target.high, target.type) == (float("-inf"), 5.0, "INT")


@pytest.mark.parametrize(
    ("feature", "said"),
    [
        ({**X, "range": [1, 0]}, "Expected the lowest value first, got [1.0, 0.0] - at `$.features[0].range`"),
        ({**X, "range": [0]}, "of length 2 - at `$.features[0].range`"),
        ({**X, "range": [0, "much"]}, "Invalid enum value 'much' - at `$.features[0].range[1]`"),
        ({**X, "dtype": "INT", "range": [0.2, 0.8]}, "a range with a whole number in it"),
        ({**X, "dtype": "DOUBLE"}, "Expected FLOAT, INT or STRING, got 'DOUBLE' - at `$.features[0].dtype`"),
        ({**X, "dtype": "STRING"}, "Expected categorical, with values: texts have no range - at `$.features[0].ftype`"),
        ({**X, "ftype": "discrete"}, "Invalid enum value 'discrete' - at `$.features[0].ftype`"),
        ({**X, "ftype": "categorical"}, "Expected at least one value of a categorical feature"),
        (
            {"name": "c", "dtype": "INT", "ftype": "categorical", "values": [1, "a"]},
            "Expected a whole number, as dtype says, got 'a' - at `$.features[0].values[1]`",
        ),
        ({**X, "values": [1]}, "with values, its ftype is categorical - at `$.features[0].values`"),
        ({**X, "repeat": 0}, "Expected 1 or more, got 0 - at `$.features[0].repeat`"),
        ({**X, "shape": [2, 0]}, "Expected 1 or more, got 0 - at `$.features[0].shape[1]`"),
        ({**X, "reapeat": 2}, "Object contains unknown field `reapeat` - at `$.features[0]`"),
        ({"ftype": "continuous"}, "Object missing required field `name` - at `$.features[0]`"),
    ],
)
def test_what_makes_no_sense_is_said_with_its_place(tmp_path: Path, feature: dict[str, Any], said: str) -> None:
    path = contract(tmp_path, feature)
    with pytest.raises(BadContract) as raised:
        read_contract(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert said in str(raised.value)


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    path = contract(tmp_path, {**X, "repeat": 0}, targets=[{**X, "range": [1, 0]}])
    with pytest.raises(BadContract) as raised:
        read_contract(path)
    assert [line.rpartition("`")[0].rpartition("`")[2] for line in str(raised.value).split("\n")] == [
        "$.features[0].repeat",
        "$.targets[0].range",
    ]


def test_shapes_that_cannot_stand_side_by_side(tmp_path: Path) -> None:
    with pytest.raises(BadContract, match=r"columns stand side by side - at `\$\.features\[1\]\.shape`"):
        read_contract(contract(tmp_path, {**X, "shape": [2, 3]}, X))


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "is no JSON"), ("[]", "Expected `object`, got `array` - at `$`"), ('{"features": []}', "at least one")],
)
def test_a_file_that_is_none(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "contract.json").write_text(text)
    with pytest.raises(BadContract, match=r"contract\.json") as raised:
        read_contract(tmp_path / "contract.json")
    assert said in str(raised.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadContract, match="cannot be read: No such file"):
        read_contract(tmp_path / "contract.json")


def test_a_feature_knows_its_names() -> None:
    found = read_contract_of({**X, "repeat": 2})
    assert found.names("{}{}", 1) == ["x1", "x2"]
    assert found.names("{}:{}", 0) == ["x:0", "x:1"]
    assert read_contract_of(X).names("{}{}", 1) == ["x"]


def read_contract_of(feature: dict[str, Any]) -> Feature:
    import msgspec

    return msgspec.convert(feature, Feature)
