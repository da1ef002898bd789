"""How large a document may be: each limit met, and passed by one."""

import pytest
import yaml

from infergraph.declaration.limits import MAX_BYTES, MAX_NODES, check_limits
from infergraph.declaration.unreadable import MAX_DEPTH, Unreadable

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def refused(text: str) -> tuple[str, int, int]:
    with pytest.raises(Unreadable) as caught:
        check_limits(yaml.parse(text, Loader=_Loader))
    return str(caught.value), caught.value.line, caught.value.column


def test_the_limits_are_those_of_the_documentation() -> None:
    assert (MAX_BYTES, MAX_DEPTH, MAX_NODES) == (1_572_864, 200, 100_000)


@pytest.mark.parametrize(
    "text",
    [
        "[" * MAX_DEPTH + "]" * MAX_DEPTH,
        "{a: " * MAX_DEPTH + "1" + "}" * MAX_DEPTH,
        f"[{'1,' * (MAX_NODES - 1)}]",
        f"[{'[],' * (MAX_NODES - 1)}]",
        f"[&x 1,{'*x,' * (MAX_NODES - 2)}]",
        # The list, what the anchor stands for and 999 times as much
        f"[&x [{'1,' * 98}],{'*x,' * 999}1,{'1,' * 998}]",
        "- [" + "]\n- [" * 1_000 + "]",  # many lists beside each other are not deep
        "a: &x 1\nb: *x\nc: &x [2]\nd: *x",
        "a: &x [&y 1, *y]\nb: [*x, *y]",
        "a: &x 1\n---\na: &x 2\nb: *x",
        "",
    ],
    ids=lambda text: text[:20],
)
def test_what_meets_a_limit_passes(text: str) -> None:
    check_limits(yaml.parse(text, Loader=_Loader))


DEEP = "the document is nested deeper than 200 levels"
MANY = "with its aliases expanded, the document has over 100,000 nodes"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), (DEEP, 1, 201)),
        ("{a: " * (MAX_DEPTH + 1), (DEEP, 1, 801)),
        (f"[{'1,' * MAX_NODES}]", (MANY, 1, 2 * MAX_NODES)),
        (f"[{'[],' * MAX_NODES}]", (MANY, 1, 3 * MAX_NODES - 1)),
        (f"{{{'a: 1,' * (MAX_NODES // 2)}}}", (MANY, 1, 5 * MAX_NODES // 2)),
        # 1 for the list and 1,000 for what the anchor stands for: the 100th alias is one too many
        (f"- &x [{'1,' * 999}]\n" + "- *x\n" * 99, (MANY, 100, 3)),
        (f"- &x {{{'1: 2,' * 499}3: &y [4]}}\n" + "- *y\n- *x\n" * 99, (MANY, 199, 3)),
    ],
    ids=["lists", "mappings", "scalars", "collections", "keys", "aliases", "aliases inside"],
)
def test_what_passes_a_limit_is_refused_where_it_does(text: str, expected: tuple[str, int, int]) -> None:
    assert refused(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: *x", "the alias *x refers to nothing: there is no &x above it"),
        ("a: *x\nb: &x 1", "the alias *x refers to nothing: there is no &x above it"),
        ("a: &x 1\nb: *y", "the alias *y refers to nothing: there is no &y above it"),
        ("a: &x [&x 1]\n---\nb: *x", "the alias *x refers to nothing: there is no &x above it"),
        ("a: &x [*x]", "the alias *x stands inside what it refers to; it has no end"),
        ("a: &x {b: [{c: *x}]}", "the alias *x stands inside what it refers to; it has no end"),
        ("a: &x 1\nb: &x [*x]", "the alias *x stands inside what it refers to; it has no end"),
    ],
)
def test_an_alias_has_to_lead_somewhere_else(text: str, message: str) -> None:
    assert refused(text)[0] == message
