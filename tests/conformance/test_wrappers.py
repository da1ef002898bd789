"""The same class under the official wrapper and under ours: equal answers, but for the differences that are listed."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.corpus.cases import Case, cases
from tests.conformance.corpus.differences import DIFFERENCES, PAGE, page_with, section
from tests.conformance.corpus.wrappers import are_equal, ours, upstream
from tests.conformance.environments import Environment
from tests.conformance.test_seldon_client import SELDON

ALL = list(cases())
pytestmark = pytest.mark.timeout(900)
Answers = dict[str, tuple[Any, Any]]


@pytest.fixture(scope="module")
def answers(made: Callable[[Environment], Environment]) -> Answers:
    """Theirs and ours, by the case's id."""
    environment = made(SELDON)
    found: Answers = {}
    for component in sorted({case.component for case in ALL}):
        with upstream(environment, component) as theirs, ours(component) as mine:
            asked = [case for case in ALL if case.component == component]
            found |= {case.id: (theirs.answer(case), mine.answer(case)) for case in asked}
    return found


def test_every_request_has_a_name_of_its_own() -> None:
    assert len({case.id for case in ALL}) == len(ALL) > 200


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_answers_are_equal_or_differ_as_listed(answers: Answers, case: Case) -> None:
    theirs, mine = answers[case.id]
    listed = [one for one in DIFFERENCES if one.covers(case.id)]
    if not listed:
        assert are_equal(theirs, mine), f"\ntheirs {theirs}\nours   {mine}"
        return
    (difference,) = listed
    assert not are_equal(theirs, mine), f"listed as different, and is not: {mine}"
    assert re.search(difference.theirs_say, json.dumps(theirs)), theirs
    assert re.search(difference.ours_say, json.dumps(mine)), mine


def test_every_difference_is_about_a_request() -> None:
    for difference in DIFFERENCES:
        for pattern in difference.cases:
            assert any(type(difference)((pattern,), *[""] * 5).covers(case.id) for case in ALL), pattern


def test_the_page_has_the_table() -> None:
    page = PAGE.read_text()
    assert page == page_with(section(), page), "make docs writes it anew"
