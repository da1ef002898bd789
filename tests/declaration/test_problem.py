import pytest

import infergraph.declaration
from infergraph.declaration import Problem
from infergraph.declaration.problem import written


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (Problem(message="no"), "no"),
        (Problem(message="no", file="a.yaml"), "a.yaml: no"),
        (Problem(message="no", file="a.yaml", line=3), "a.yaml:3: no"),
        (Problem(message="no", file="a.yaml", line=3, column=5), "a.yaml:3:5: no"),
        (Problem(message="no", path="spec", file="a.yaml", line=3), "a.yaml:3: spec: no"),
        (Problem(message="no", path="spec", hint="one\ntwo"), "spec: no\n    one\n    two"),
    ],
)
def test_a_problem_is_a_line_with_its_hint_below(problem: Problem, expected: str) -> None:
    assert str(problem) == expected


def test_lines_are_sorted_as_numbers() -> None:
    problems = [Problem(message="no", file=file, line=line) for file, line in [("b", 1), ("a", 10), ("a", 9)]]
    assert [(p.file, p.line) for p in sorted(problems, key=lambda p: p.order)] == [("a", 9), ("a", 10), ("b", 1)]


def test_a_place_is_written_as_in_kubernetes() -> None:
    assert written(("spec", "predictors", 0, "graph")) == "spec.predictors[0].graph"
    assert written(()) == ""


def test_the_public_names_are_all_there_and_sorted() -> None:
    names = infergraph.declaration.__all__
    assert all(hasattr(infergraph.declaration, name) for name in names)
    assert names == sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
