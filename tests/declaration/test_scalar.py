"""Single values: what Kubernetes would read, and what is no value at all."""

import math
import re

import pytest

from infergraph.declaration.scalar import Scalar, scalar
from tests.declaration.samples import node


def value(written: str) -> Scalar:
    """The value of ``a`` where it is written like this."""
    return scalar(node(f"a: {written}").value[0][1])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # Nothing
        *[(text, None) for text in ("", "~", "null", "Null", "NULL", "!!null x")],
        # True and false, as in YAML 1.1 but for y and n
        *[(text, True) for text in ("true", "True", "TRUE", "yes", "on", "On")],
        *[(text, False) for text in ("false", "no", "No", "off", "OFF")],
        *[(text, text) for text in ("y", "n", "Y", "N", "tRUE")],
        # Whole numbers
        *[("1", 1), ("+5", 5), ("-5", -5), ("0x1F", 31), ("0b11", 3), ("017", 15), ("1_000", 1000), ("!!int '5'", 5)],
        *[(text, text) for text in ("08", "0o17", "0x", "50Mi", "500m", "1.2.3")],
        # Numbers
        *[("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("-0.25", -0.25), ("1.0e+5", 1e5), ("!!float 1", 1.0)],
        *[(".inf", math.inf), ("-.INF", -math.inf)],
        # JSON's numbers, which YAML 1.1 takes for texts
        *[("1e5", 1e5), ("1E5", 1e5), ("-1e-5", -1e-5), ("1.5e3", 1500.0), ("1e+5", 1e5), ("0e0", 0.0)],
        *[(text, text) for text in ("01e5", ".5e1", "1e", "1e5e5", "e5", "1e5x", "+1e5")],
        # Texts, however number-like
        *[("'1e5'", "1e5"), ('"5"', "5"), ("'true'", "true"), ("''", ""), ("'~'", "~"), ("!!str 5", "5")],
        *[("|\n  1e5", "1e5"), (">-\n  1e5", "1e5")],
        *[(text, text) for text in ("12:30", "1:30:00", "12:30.5", "190:20:30.15")],
        *[(text, text) for text in ("2020-01-01", "2020-01-01T00:00:00Z", "=", "<<")],
        ("!!timestamp 2020-01-01", "2020-01-01"),
    ],
)
def test_a_value_is_read_as_kubernetes_reads_it(written: str, expected: Scalar) -> None:
    found = value(written)
    assert (found, type(found)) == (expected, type(expected))


def test_not_a_number_is_a_number() -> None:
    found = value(".nan")
    assert isinstance(found, float)
    assert math.isnan(found)


NOT_ALLOWED = "is not allowed; a manifest holds only plain YAML values"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("!mine 1", f"the tag !mine {NOT_ALLOWED}"),
        ("!<tag:x> 1", f"the tag tag:x {NOT_ALLOWED}"),
        ("!!binary aGk=", f"the tag tag:yaml.org,2002:binary {NOT_ALLOWED}"),
        ("!!python/name:os.system ''", f"the tag tag:yaml.org,2002:python/name:os.system {NOT_ALLOWED}"),
        ("!!seq x", f"the tag tag:yaml.org,2002:seq {NOT_ALLOWED}"),
        ("!!bool maybe", "'maybe' is no bool"),
        ("!!int 5x", "invalid literal for int() with base 10: '5x'"),
        ("!!float x", "could not convert string to float: 'x'"),
    ],
)
def test_what_is_no_plain_value(written: str, expected: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        value(written)
