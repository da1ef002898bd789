"""The kinds of values in words, and the way from what came to what was expected."""

import pytest
from msgspec import inspect

from infergraph.declaration import words

TEXT, FLAG, WHOLE, FLOAT = inspect.StrType(), inspect.BoolType(), inspect.IntType(), inspect.FloatType()
SMALL = inspect.IntType(ge=-4, le=4)


@pytest.mark.parametrize(
    ("type_", "fitting", "others"),
    [
        (TEXT, ["", "1"], [1, 1.0, True, None, [], {}]),
        (FLAG, [True, False], [0, 1, "true", None]),
        (FLOAT, [1.0, float("inf")], [1, "1.0", True, None]),
        (WHOLE, [0, -1, 2**63 - 1, -(2**63)], [2**63, -(2**63) - 1, True, 1.0, "1", None]),
        (SMALL, [0, 4, -4], [5, -5, False]),
    ],
)
def test_what_fits_a_simple_type(type_: inspect.Type, fitting: list[object], others: list[object]) -> None:
    assert all(words.fits(type_, data) for data in fitting)
    assert not any(words.fits(type_, data) for data in others)


def test_a_type_without_a_word_is_our_own_mistake() -> None:
    with pytest.raises(TypeError, match="no word for the type"):
        words.fits(inspect.BytesType(), b"")


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ([TEXT], "text"),
        ([FLAG], "true or false"),
        ([WHOLE], "a whole number"),
        ([FLOAT], "a number"),
        ([TEXT, WHOLE], "text or a whole number"),
        ([TEXT, WHOLE, FLOAT], "text or a number"),
    ],
)
def test_several_types_in_one_phrase(types: list[inspect.Type], expected: str) -> None:
    assert words.any_of(types) == expected


@pytest.mark.parametrize(
    ("data", "text", "expected"),
    [
        (None, "~", "nothing"),
        ({}, "", "a mapping"),
        ([], "", "a list"),
        (True, "yes", "the boolean yes"),
        (15, "017", "the number 017"),
        (1.1, "1.10", "the number 1.10"),
        ("a", "a", 'the text "a"'),
        ("é", "é", 'the text "é"'),
        ("", "", 'the text ""'),
        ("a\n", "a\n", 'the text "a\\n"'),
        ("a" * 60, "a" * 60, f'the text "{"a" * 60}"'),
        ("a" * 61, "a" * 61, f'the text "{"a" * 57}..."'),
    ],
)
def test_what_came_is_told_as_it_is_written(data: object, text: str, expected: str) -> None:
    assert words.described(data, text) == expected


@pytest.mark.parametrize(
    ("expected", "data", "text", "hint"),
    [
        (words.LIST, {"a": 1}, "", 'put a dash ("- ") before its first field, to make it a list of one'),
        (words.LIST, "a", "a", ""),
        (words.MAPPING, [{}], "", "its fields stand here without a dash"),
        (words.MAPPING, [{}, {}], "", ""),
        (words.MAPPING, "a", "a", ""),
        (words.TEXT, 15, "017", 'quote it: "017"'),
        (words.TEXT, True, "yes", 'quote it: "yes"'),
        (words.TEXT, None, "", ""),
        (words.TEXT, [], "", ""),
        ("text or a number", False, "no", 'quote it: "no"'),
        (words.WHOLE, 2**40, "1099511627776", "it has to fit into 32 bits"),
        (words.WHOLE, True, "true", ""),
        (words.WHOLE, "8", "8", "remove the quotes: 8"),
        (words.WHOLE, "8.5", "8.5", ""),
        (words.NUMBER, "8.5", "8.5", "remove the quotes: 8.5"),
        (words.NUMBER, "many", "many", ""),
        (words.BOOLEAN, "true", "true", "remove the quotes: true"),
        (words.BOOLEAN, "false", "false", "remove the quotes: false"),
        (words.BOOLEAN, "yes", "yes", ""),
        (words.BOOLEAN, 1, "1", ""),
    ],
)
def test_the_way_out_is_told_where_it_is_plain(expected: str, data: object, text: str, hint: str) -> None:
    assert words.mended(expected, data, text) == hint
