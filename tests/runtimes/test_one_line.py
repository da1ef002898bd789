import pytest

from infergraph.runtimes.one_line import message_of, one_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it\n  broke", "it broke"),
        (
            "[07:40:17] /workspace/src/common/json.cc:409: Expecting: EOF\nStack trace:\n  [bt] (0) x.so",
            "Expecting: EOF",
        ),
        ("[07:40:17] /w/src/learner.cc:1289: Check failed: a >= b (4 vs. 5) : Too many", "a >= b (4 vs. 5) : Too many"),
        ("catboost/libs/model/model.cpp:1185: Incorrect model file", "Incorrect model file"),
        ("[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Invalid rank", "Invalid rank"),
        ("", ""),
    ],
)
def test_what_libraries_say_of_their_own_source_is_left_out(text: str, expected: str) -> None:
    assert message_of(RuntimeError(text)) == expected


def test_one_line_is_short_and_names_the_class() -> None:
    line = one_line(ValueError("word " * 100))
    assert line.startswith("ValueError: word word")
    assert line.endswith(" ...")
    assert len(line) < 140
    assert one_line(KeyError()) == "KeyError"
