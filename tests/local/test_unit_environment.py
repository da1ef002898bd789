"""What the v1 operator writes into the environment of a component's container."""

import pytest

from infergraph.errors import BadManifest
from infergraph.local.unit_environment import described_by, parameters_of, version_of


@pytest.mark.parametrize("text", ["", "[]"])
def test_no_parameters(text: str) -> None:
    assert parameters_of(text) == {}


def test_a_value_may_be_what_it_is_or_a_text() -> None:
    text = '[{"name":"a","type":"INT","value":3},{"name":"b","type":"BOOL","value":"off"}]'
    assert parameters_of(text) == {"a": 3, "b": False}


@pytest.mark.parametrize("text", ["{}", "[1]", '[{"name":"a"}]', "x"])
def test_parameters_that_are_no_list(text: str) -> None:
    with pytest.raises(BadManifest, match="--parameters: expected a JSON list"):
        parameters_of(text)


def test_metadata_are_yaml() -> None:
    assert described_by("") == {}
    assert described_by("name: x\nversions: [a]") == {"name": "x", "versions": ["a"]}
    with pytest.raises(BadManifest, match="MODEL_METADATA is no YAML"):
        described_by("[")
    with pytest.raises(BadManifest, match="MODEL_METADATA is no YAML"):
        described_by("!!python/object:os.system x")


@pytest.mark.parametrize(
    ("labels", "version"), [('{"version":"v2","a":"b"}', "v2"), ("{}", ""), ("x", ""), ("[1]", "")]
)
def test_the_version_is_a_label(labels: str, version: str) -> None:
    assert version_of(labels) == version
