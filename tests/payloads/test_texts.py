import numpy as np

from infergraph.payloads.texts import texts_in


def test_each_that_is_a_text_becomes_one() -> None:
    array = np.array([[b"a", b"\xff"], ["b", 1]], dtype=object)
    assert texts_in(array).tolist() == [["a", b"\xff"], ["b", 1]]
    assert array[0, 0] == b"a"


def test_what_holds_no_bytes_is_not_copied() -> None:
    array = np.array(["a", None], dtype=object)
    assert texts_in(array) is array


def test_a_single_value() -> None:
    assert texts_in(np.array(b"a", dtype=object)).tolist() == "a"
