import yaml

from infergraph.kubernetes.yaml_text import yaml_text


def test_keys_stay_in_their_order_and_lists_are_indented() -> None:
    assert yaml_text([{"b": [1, {"a": "x"}], "a": {}}]) == "---\nb:\n  - 1\n  - a: x\na: {}\n"


def test_a_text_that_reads_as_something_else_is_quoted() -> None:
    text = yaml_text([{"a": "true", "b": "8000", "c": "10%", "d": ""}])
    assert text == "---\na: 'true'\nb: '8000'\nc: 10%\nd: ''\n"


def test_lines_are_never_folded() -> None:
    long = " ".join(["word"] * 500)
    assert yaml_text([{"a": long}]) == f"---\na: {long}\n"


def test_texts_of_several_lines_are_blocks() -> None:
    assert yaml_text([{"a": "one\ntwo\n"}]) == "---\na: |\n  one\n  two\n"


def test_what_stands_twice_is_written_twice() -> None:
    shared = {"a": 1}
    assert "&" not in yaml_text([{"x": shared, "y": shared}])


def test_it_is_read_back_as_it_was() -> None:
    data = {"a": ["1e3", "0o7", "null", "é", "- x", "a: b", " lead"], "n": 1, "f": 0.5, "t": True, "z": None}
    assert list(yaml.safe_load_all(yaml_text([data, data]))) == [data, data]
