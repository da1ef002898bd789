"""What does not hold of an answer is found, with its place."""

from typing import Any

import msgspec
import numpy as np
import pytest

from infergraph.contract.feature import Feature
from infergraph.contract.finding import Finding, gathered
from infergraph.contract.judge import judge, judge_route
from infergraph.payloads.payload import Encoding, Payload

P = {"name": "p", "dtype": "FLOAT", "ftype": "continuous", "range": [0, 1], "repeat": 2}
KIND = {"name": "kind", "ftype": "categorical", "values": ["a", "b"]}
WHOLE = {"name": "n", "dtype": "INT", "ftype": "continuous", "range": [0, "inf"]}


def judged(answer: Any, *targets: dict[str, Any], rows: int = 1) -> list[tuple[str, str, str]]:
    array = answer if isinstance(answer, np.ndarray) else np.array(answer)
    found = judge(msgspec.convert(list(targets), list[Feature]), rows, Payload(array, Encoding.NDARRAY))
    return [(one.expectation, one.found, one.where) for one in found]


def test_what_holds() -> None:
    assert judged([[0.0, 1.0], [0.5, 0.5]], P, rows=2) == []
    assert judged(np.array([["a", 3]], dtype=object), KIND, WHOLE) == []
    assert judged([[3.0]], WHOLE) == []
    assert judged([3, 4], WHOLE, rows=2) == []
    assert judged([["anything"]]) == []


@pytest.mark.parametrize(
    ("answer", "target", "expected"),
    [
        ([[0.5, 1.5]], P, ("between 0 and 1", "1.5", "$.data.ndarray[0][1]")),
        ([[float("nan"), 0.5]], P, ("a number", "nan", "$.data.ndarray[0][0]")),
        ([[True, False]], P, ("a number", "True", "$.data.ndarray[0][0]")),
        ([["0.5", "0.5"]], P, ("a number", "'0.5'", "$.data.ndarray[0][0]")),
        ([[2.5]], WHOLE, ("a whole number", "2.5", "$.data.ndarray[0][0]")),
        ([[-1]], WHOLE, ("between 0 and inf", "-1", "$.data.ndarray[0][0]")),
        ([["c"]], KIND, ("one of 'a', 'b'", "'c'", "$.data.ndarray[0][0]")),
        ([[1]], KIND, ("a text", "1", "$.data.ndarray[0][0]")),
        ([[1.0]], P, ("shape (1, 2): rows, columns of the targets", "shape (1, 1)", "$.data.ndarray")),
        (
            [[1.0, 0.0], [0.0, 1.0]],
            P,
            ("shape (1, 2): rows, columns of the targets", "shape (2, 2)", "$.data.ndarray"),
        ),
    ],
)
def test_what_does_not_hold(answer: Any, target: dict[str, Any], expected: tuple[str, str, str]) -> None:
    assert judged(answer, target)[0] == expected


def test_places_of_more_dimensions() -> None:
    image = {"name": "i", "ftype": "continuous", "range": [0, 1], "shape": [2, 3]}
    answer = np.zeros((1, 2, 3))
    answer[0, 1, 2] = 7
    assert judged(answer, image) == [("between 0 and 1", "7.0", "$.data.ndarray[0][1][2]")]


def test_an_answer_of_another_kind() -> None:
    targets = msgspec.convert([P], list[Feature])
    (found,) = judge(targets, 1, Payload("text", Encoding.TEXT))
    assert (found.expectation, found.found, found.where) == ("an array in data", "strData: 'text'", "$")


@pytest.mark.parametrize(("answer", "holds"), [([[1]], True), ([[-2]], True), ([[-3]], False), ([[1, 2]], False)])
def test_a_route(answer: Any, holds: bool) -> None:
    assert (list(judge_route(Payload(np.array(answer), Encoding.NDARRAY))) == []) is holds
    assert list(judge_route(Payload("a", Encoding.TEXT)))


def test_the_same_is_said_once_with_its_number() -> None:
    findings = [Finding("a", "x", "1", "c"), Finding("a", "y", "2", "c"), Finding("a", "z", "3", "d")]
    assert gathered(findings) == [Finding("a", "x", "1", "c", 2), Finding("a", "z", "3", "d", 1)]
