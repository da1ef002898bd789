"""What the parser complains about, in one sentence, at the line where the mistake is."""

import pytest
import yaml

from infergraph.declaration.document import read_documents
from infergraph.declaration.unreadable import Unreadable

TAB = "a tab stands where YAML wants spaces; indent with spaces"
NO_TOKEN = "expected YAML or JSON: found character that cannot start any token while scanning for the next token"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: b: c", (1, 5), "expected YAML or JSON: mapping values are not allowed in this context"),
        (
            "a: 1\nbcd\ne: 2",
            (2, 1),
            "expected YAML or JSON: could not find expected ':' while scanning a simple key",
        ),
        (
            "a: 'x\nb: 1\n",
            (3, 1),
            "expected YAML or JSON: found unexpected end of stream while scanning a quoted scalar",
        ),
        (
            "- a\nb: 1",
            (2, 1),
            "expected YAML or JSON: did not find expected '-' indicator while parsing a block collection",
        ),
        ("a: @x", (1, 4), NO_TOKEN),
        ("a: 1\n\tb: 1", (2, 1), TAB),
        ("\ta: 1", (1, 1), TAB),
        ("a:\n  b: 1\n\tc: 2", (3, 1), TAB),
        ("a: >\n\tx", (2, 1), TAB),
    ],
)
def test_a_complaint_is_a_sentence_with_its_place(text: str, place: tuple[int, int], message: str) -> None:
    (problem,) = read_documents(text, file="m.yaml")[1]
    assert ((problem.line, problem.column), problem.message) == (place, message)


def test_a_complaint_without_a_place_is_one_of_the_file() -> None:
    error = Unreadable.from_yaml(yaml.YAMLError("two\n  lines"), "")
    assert (str(error), error.line, error.column) == ("expected YAML or JSON: two lines", 1, 1)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a\n  b \nc", "the line is: b"),
        ("a\n\nc", ""),
        ("a", ""),
        (f"a\n{'b' * 121}", f"the line is: {'b' * 120}"),
        (
            "a\nb: {{ c }}",
            "the line is: b: {{ c }}\n{{ }} is a template: render it first, for example with `helm template`",
        ),
    ],
)
def test_the_hint_is_the_line_itself(text: str, hint: str) -> None:
    problem = Unreadable("no", 2, 3).problem(text, "m.yaml")
    assert (problem.hint, problem.message, problem.file, problem.line, problem.column) == (hint, "no", "m.yaml", 2, 3)
