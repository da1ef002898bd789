import json

import pytest
import yaml

from infergraph.declaration import document as reader
from infergraph.declaration.document import Document, read_documents
from infergraph.declaration.limits import MAX_BYTES


def read(text: str, *, file: str = "m.yaml") -> Document:
    documents, problems = read_documents(text, file=file)
    assert problems == ()
    return documents[0]


def refused(text: str) -> list[str]:
    return [str(problem).split("\n")[0] for problem in read_documents(text, file="m.yaml")[1]]


def test_each_value_knows_its_line_and_text() -> None:
    found = read("a:\n  - b: 1\n    c: 010\n  - d\n")
    assert [found.place(at).line for at in [(), ("a",), ("a", 0), ("a", 0, "c"), ("a", 1)]] == [1, 1, 2, 3, 4]
    assert found.place(("a", 0, "c")).text == "010"
    assert found.place(("a", 0, "missing", "too")).line == 2


def test_an_item_of_a_list_is_a_document_that_knows_its_lines() -> None:
    first, second = read("items:\n- a: 1\n- b:\n    c: 2\n").items()
    assert (first.data, second.data) == ({"a": 1}, {"b": {"c": 2}})
    assert [second.place(at).line for at in [(), ("b",), ("b", "c"), ("missing",)]] == [3, 3, 4, 3]
    assert (second.file, second.root) == ("m.yaml", ("items", 1))


def test_several_documents_and_empty_ones() -> None:
    documents, problems = read_documents("a: 1\n---\n---\n# nothing\n---\nb: 2\n", file="m.yaml")
    assert [(found.data, found.place(()).line) for found in documents] == [({"a": 1}, 1), ({"b": 2}, 6)]
    assert problems == ()


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
def test_json_with_tabs_and_escapes(loader: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_Loader", loader)
    data = {"a": {"b": ["😀 é \\u1F600 \t", 1e5, None, True]}, "c": "/"}
    text = json.dumps(data, indent="\t").replace("/", "\\/")
    assert "\\ud83d" in text
    assert read(text, file="m.json").data == data


TOO_LARGE = "m.yaml: the file is larger than 1.5 MiB, the most that Kubernetes can store in one object"
BILLION_LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 30)
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BILLION_LAUGHS, "m.yaml:6:10: with its aliases expanded, the document has over 100,000 nodes"),
        ("[\n" * 1_000, "m.yaml:201:1: the document is nested deeper than 200 levels"),
        ("{a: " * 300_000, "m.yaml:1:801: the document is nested deeper than 200 levels"),
        ("a: &x [*x]", "m.yaml:1:8: the alias *x stands inside what it refers to; it has no end"),
        ("a: 1\na: 2", 'm.yaml:2: the key "a" stands twice: on line 1 and on line 2'),
        ("a: b: c", "m.yaml:1:5: expected YAML or JSON: mapping values are not allowed in this context"),
        ("a:\n\tb: 1", "m.yaml:2:1: a tab stands where YAML wants spaces; indent with spaces"),
        ("a: 1\n\tb: 1", "m.yaml:2:1: a tab stands where YAML wants spaces; indent with spaces"),
        ("a: \x00", "m.yaml:1:4: the character U+0000 is not allowed; is this a text file in UTF-8?"),
        ("a: 1\nb: \ud800", "m.yaml:2:4: the character U+D800 is not allowed; is this a text file in UTF-8?"),
        (
            "a: !!python/object/apply:os.system [ls]",
            (
                "m.yaml:1: a: the tag tag:yaml.org,2002:python/object/apply:os.system is not allowed; "
                "a manifest holds only plain YAML values"
            ),
        ),
        ("a: !mine 1", "m.yaml:1: a: the tag !mine is not allowed; a manifest holds only plain YAML values"),
        ("a: !!bool many", "m.yaml:1: a: 'many' is no bool"),
        ("? [a]\n: 1", "m.yaml:1: expected a text as key"),
        ("a" * (MAX_BYTES + 1), TOO_LARGE),
        ("é" * (MAX_BYTES // 2 + 1), TOO_LARGE),
    ],
    ids=lambda text: text[:30],
)
def test_what_is_refused(text: str, expected: str) -> None:
    assert refused(text) == [expected]


def test_a_document_may_be_deeper_than_the_parser_itself_goes() -> None:
    (problem,) = refused("[" * 1_000_000)  # some builds of the parser look a thousand levels ahead, and stop there
    assert problem in [f"m.yaml:1:{column}: the document is nested deeper than 200 levels" for column in (201, 1001)]


@pytest.mark.parametrize("text", ["a" * MAX_BYTES, "é" * (MAX_BYTES // 2)], ids=["ASCII", "two bytes each"])
def test_the_largest_document_is_read(text: str) -> None:
    assert read(text).data == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("# nothing\n---\n", []),
        ("a: 1", [{"a": 1}]),
        ("\ufeffa: 1", [{"a": 1}]),
        ("--- 1\n--- [a]\n...\n---\nnull\n", [1, ["a"]]),
    ],
)
def test_documents_that_hold_nothing_are_left_out(text: str, found: list[object]) -> None:
    documents, problems = read_documents(text, file="m.yaml")
    assert ([document.data for document in documents], problems) == (found, ())


def test_one_unreadable_document_takes_the_whole_file_and_one_with_problems_only_itself() -> None:
    assert read_documents("a: 1\n---\na: [\n", file="m.yaml")[0] == ()
    documents, problems = read_documents("a: 1\n---\nb: 1\nb: 2\n---\nc: !x 1\n", file="m.yaml")
    assert [document.data for document in documents] == [{"a": 1}, {"b": 2}, {"c": None}]
    assert [(problem.line, problem.path, problem.file) for problem in problems] == [
        (4, "", "m.yaml"),
        (6, "c", "m.yaml"),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a":\t1}', {"a": 1}),
        ('\t{\n\t"a":\t[\t1\t,\t2\t]\t}\t', {"a": [1, 2]}),
        ('{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
        ('{"a": "\\uD800\\uDC00 \\uDBFF\\uDFFF"}', {"a": "\U00010000 \U0010ffff"}),
        ('{"a": "\\\\ud83d \\u00e9 \\t"}', {"a": "\\ud83d é \t"}),
        ('{"a": 1e5, "b": -0.0, "c": [], "d": {}, "e": "1"}', {"a": 1e5, "b": -0.0, "c": [], "d": {}, "e": "1"}),
    ],
)
def test_json_is_read_as_json(text: str, found: object) -> None:
    assert read(text, file="m.json").data == found


def test_half_a_character_is_refused_in_json() -> None:
    assert len(read_documents('{"a": "\\ud83d"}', file="m.json")[1]) == 1


def test_a_tab_in_yaml_stays_in_its_text() -> None:
    assert read("a: 'b\tc'").data == {"a": "b\tc"}


def test_a_refusal_shows_the_line_and_recognises_a_template() -> None:
    found = read_documents("a: 1\n{{- if .Values.b }}\n", file="m.yaml")[1]
    assert found[0].hint == (
        "the line is: {{- if .Values.b }}\n{{ }} is a template: render it first, for example with `helm template`"
    )
