import json

import pytest
import yaml

from infergraph.declaration import document as reader
from infergraph.declaration.document import Document, read_documents


def read(text: str, *, file: str = "m.yaml") -> Document:
    documents, problems = read_documents(text, file=file)
    assert problems == ()
    return documents[0]


def refused(text: str) -> list[str]:
    return [str(problem).split("\n")[0] for problem in read_documents(text, file="m.yaml")[1]]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", 1),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1e5", 1e5),
        ("'1e5'", "1e5"),
        ("!!str 5", "5"),
        ("yes", True),
        ("y", "y"),
        ("~", None),
        ("12:30", "12:30"),
        ("12:30.5", "12:30.5"),
        ("2020-01-01", "2020-01-01"),
        ("=", "="),
        ("50Mi", "50Mi"),
    ],
)
def test_a_value_is_read_as_kubernetes_reads_it(written: str, value: object) -> None:
    assert read(f"a: {written}").data == {"a": value}


def test_keys_are_texts_as_they_are_written() -> None:
    assert read("{1: a, true: b, 2020-01-01: c}").data == {"1": "a", "true": "b", "2020-01-01": "c"}


def test_each_value_knows_its_line_and_text() -> None:
    found = read("a:\n  - b: 1\n    c: 010\n  - d\n")
    assert [found.place(at).line for at in [(), ("a",), ("a", 0), ("a", 0, "c"), ("a", 1)]] == [1, 1, 2, 3, 4]
    assert found.place(("a", 0, "c")).text == "010"
    assert found.place(("a", 0, "missing", "too")).line == 2


def test_merge_keys_give_way_to_the_mappings_own() -> None:
    found = read("base: &base {a: 1, b: 1}\nother: &other {b: 2, c: 2}\nx: {a: 3, <<: [*base, *other]}")
    assert found.data["x"] == {"a": 3, "b": 1, "c": 2}


def test_aliases_are_expanded() -> None:
    assert read("a: &x [1]\nb: *x\nc: {d: *x}").data == {"a": [1], "b": [1], "c": {"d": [1]}}


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


BILLION_LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 30)
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BILLION_LAUGHS, "m.yaml:6:10: with its aliases expanded, the document has over 100,000 nodes"),
        ("[" * 1_000_000, "m.yaml:1:201: the document is nested deeper than 200 levels"),
        ("{a: " * 300_000, "m.yaml:1:801: the document is nested deeper than 200 levels"),
        ("a: &x [*x]", "m.yaml:1:8: the alias *x stands inside what it refers to; it has no end"),
        ("a: *x", "m.yaml:1:4: the alias *x refers to nothing: there is no &x above it"),
        ("a: &x 1\n---\nb: *x", "m.yaml:3:4: the alias *x refers to nothing: there is no &x above it"),
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
        ("a: !!int many", "m.yaml:1: a: invalid literal for int() with base 10: 'many'"),
        ("a: !!bool many", "m.yaml:1: a: 'many' is no bool"),
        ("a: {<<: 1}", "m.yaml:1: a: expected a mapping after <<, such as an alias to one"),
        ("? [a]\n: 1", "m.yaml:1: expected a text as key"),
        ("a" * 1_600_000, "m.yaml: the file is larger than 1.5 MiB, the most that Kubernetes can store in one object"),
    ],
    ids=lambda text: text[:30],
)
def test_what_is_refused(text: str, expected: str) -> None:
    assert refused(text) == [expected]


def test_a_refusal_shows_the_line_and_recognises_a_template() -> None:
    found = read_documents("a: 1\n{{- if .Values.b }}\n", file="m.yaml")[1]
    assert found[0].hint == (
        "the line is: {{- if .Values.b }}\n{{ }} is a template: render it first, for example with `helm template`"
    )
