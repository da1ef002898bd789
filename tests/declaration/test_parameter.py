import pytest

from infergraph.declaration import Parameter, ParameterType
from infergraph.errors import BadManifest


def parameter(value: str, type_: str) -> Parameter:
    return Parameter(name="n", value=value, type=ParameterType(type_))


@pytest.mark.parametrize(
    ("value", "type_", "expected"),
    [
        ("5", "INT", 5),
        ("0.5", "FLOAT", 0.5),
        ("5", "DOUBLE", 5.0),
        ("5", "STRING", "5"),
        *[(value, "BOOL", True) for value in ("y", "yes", "t", "true", "on", "1", "True", "YES")],
        *[(value, "BOOL", False) for value in ("n", "no", "f", "false", "off", "0", "False", "OFF")],
    ],
)
def test_a_value_is_read_as_its_type(value: str, type_: str, expected: object) -> None:
    typed = parameter(value, type_).typed()
    assert (typed, type(typed)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("value", "type_"), [("5.5", "INT"), ("", "INT"), ("many", "FLOAT"), ("2", "BOOL"), ("", "BOOL")]
)
def test_what_does_not_parse_is_told_in_the_wrappers_words(value: str, type_: str) -> None:
    with pytest.raises(BadManifest) as caught:
        parameter(value, type_).typed()
    assert str(caught.value) == f"Bad model parameter: n with value {value} can't be parsed as a {type_}"
