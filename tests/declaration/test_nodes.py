"""From nodes to data: tags, keys, merges, and the place of each value."""

from typing import Any

import pytest

from infergraph.declaration.nodes import Place, plain
from infergraph.declaration.problem import At
from tests.declaration.samples import node, said


def data(text: str) -> Any:
    found, _, problems = plain(node(text))
    assert problems == []
    return found


def wrong(text: str) -> tuple[Any, list[tuple[int, str]]]:
    """What is left of a text that has problems, and each problem with its line."""
    found, _, problems = plain(node(text))
    return found, [(problem.line, said(problem)) for problem in problems]


PLACES: list[tuple[At, Place]] = [
    ((), Place(1, 1)),
    (("a",), Place(1, 1)),
    (("a", 0), Place(2, 5)),
    (("a", 0, "b"), Place(2, 5, "1")),
    (("a", 0, "c"), Place(3, 5, "010")),
    (("a", 1), Place(4, 5, "d e")),
    (("f",), Place(5, 1)),
    (("f", "g"), Place(5, 5, "")),
]


@pytest.mark.parametrize(("at", "place"), PLACES)
def test_each_value_knows_its_place_and_a_single_one_its_text(at: At, place: Place) -> None:
    _, places, _ = plain(node("a:\n  - b: 1\n    c: 010\n  - 'd e'\nf: {g: }\n"))
    assert len(places) == len(PLACES)
    assert places[at] == place


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{<<: {b: 1}, b: 2}", {"b": 2}),
        ("{b: 2, <<: {b: 1, c: 3}}", {"b": 2, "c": 3}),
        ("{<<: [{b: 1}, {b: 2, c: 3}]}", {"b": 1, "c": 3}),
        ("{<<: []}", {}),
        ("{<<: {b: 1}, <<: {b: 5, c: 6}}", {"b": 1, "c": 6}),
        ("{<<: {<<: {b: 1, c: 1}, c: 2}, d: 3}", {"b": 1, "c": 2, "d": 3}),
        ('{"<<": {b: 1}}', {"<<": {"b": 1}}),
        ("[&x {b: 1}, {<<: *x}, {<<: [*x, *x]}]", [{"b": 1}] * 3),
    ],
)
def test_what_is_merged_gives_way_to_what_is_there_and_then_to_what_came_first(text: str, expected: object) -> None:
    assert data(text) == expected


@pytest.mark.parametrize(("text", "line"), [("b: 2\n<<: {b: 1}", 1), ("<<: {b: 1}\nb: 2", 2), ("a: 0\n<<:\n  b: 1", 3)])
def test_a_keys_place_is_where_its_value_comes_from(text: str, line: int) -> None:
    _, places, _ = plain(node(text))
    assert places[("b",)].line == line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{1: a, true: b, 2020-01-01: c, 1.50: d}", {"1": "a", "true": "b", "2020-01-01": "c", "1.50": "d"}),
        ("{'': a, ' b ': c}", {"": "a", " b ": "c"}),
        ("!!map {a: !!seq [!!str b]}", {"a": ["b"]}),
        ("a: &x [1]\nb: *x\nc: {d: *x}", {"a": [1], "b": [1], "c": {"d": [1]}}),
    ],
)
def test_keys_are_texts_and_aliases_are_expanded(text: str, expected: object) -> None:
    assert data(text) == expected


NOT_ALLOWED = "is not allowed; a manifest holds only plain YAML values"
NO_KEY = "expected a text as key"
NO_MAPPING = "expected a mapping after <<, such as an alias to one"


@pytest.mark.parametrize(
    ("text", "left", "problems"),
    [
        ("a: 1\na: 2", {"a": 2}, [(2, ': the key "a" stands twice: on line 1 and on line 2')]),
        (
            "a: 1\nb: 2\na: 3\na: 4",
            {"a": 4, "b": 2},
            [
                (3, ': the key "a" stands twice: on line 1 and on line 3'),
                (4, ': the key "a" stands twice: on line 3 and on line 4'),
            ],
        ),
        ("{1: x,\n '1': y}", {"1": "y"}, [(2, ': the key "1" stands twice: on line 1 and on line 2')]),
        (
            "- b\n- c:\n    d: 1\n    d: 2",
            ["b", {"c": {"d": 2}}],
            [(4, '[1].c: the key "d" stands twice: on line 3 and on line 4')],
        ),
        ("a: {<<: {b: 1, b: 2}}", {"a": {"b": 2}}, [(1, 'a: the key "b" stands twice: on line 1 and on line 1')]),
        ("a: {b: 1}\nc: {b: 1}", {"a": {"b": 1}, "c": {"b": 1}}, []),
        ("a: !mine 1\nb: 2", {"a": None, "b": 2}, [(1, f"a: the tag !mine {NOT_ALLOWED}")]),
        ("a:\n- !mine [1]", {"a": [[1]]}, [(2, f"a[0]: the tag !mine {NOT_ALLOWED}")]),
        ("!!set {a}", {"a": None}, [(1, f": the tag tag:yaml.org,2002:set {NOT_ALLOWED}")]),
        ("!!omap [a: 1]", [{"a": 1}], [(1, f": the tag tag:yaml.org,2002:omap {NOT_ALLOWED}")]),
        ("a: {? [b] : 1, c: 2}", {"a": {"c": 2}}, [(1, f"a: {NO_KEY}")]),
        ("{? {b: 1} : 1}", {}, [(1, f": {NO_KEY}")]),
        ("{null: 1}", {}, [(1, f": {NO_KEY}")]),
        ("a: {{ .Values.b }}", {"a": {}}, [(1, f"a: {NO_KEY}")]),
        ("a: {<<: 1, b: 2}", {"a": {"b": 2}}, [(1, f"a: {NO_MAPPING}")]),
        ("a: {<<: [{b: 1}, 2]}", {"a": {}}, [(1, f"a: {NO_MAPPING}")]),
        ("a: {<<: }", {"a": {}}, [(1, f"a: {NO_MAPPING}")]),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_is_kept(text: str, left: object, problems: list[tuple[int, str]]) -> None:
    assert wrong(text) == (left, problems)


def test_a_key_that_is_none_may_be_a_template() -> None:
    _, _, problems = plain(node("{{ .Values.b }}"))
    assert [problem.hint for problem in problems] == [
        "quote it; and if {{ }} is a template, render it first, for example with `helm template`"
    ]
