"""What a model of arrays alone answers, as it goes on."""

from typing import Any

import numpy as np
import pytest

from infergraph.payloads import Encoding, Meta, Payload
from infergraph.payloads.answered import joined, tags_in

ANSWER = Payload(np.array([[1.0]]), Encoding.V2, [], Meta(tags={"a": 2, "b": 3}), tensor="y")
PATH = {"m": "shop/m:1"}


def asked(encoding: Encoding, **fields: Any) -> Payload:
    return Payload(np.array([[5.0]]), encoding, ["x"], **fields)


def test_meta_of_the_question_goes_on_with_the_unit_and_the_tags_of_its_answer() -> None:
    meta = Meta(
        puid="p", tags={"a": 1, "c": 1}, request_path={"before": "b:1"}, metrics=[{"key": "k"}], routing={"r": 1}
    )
    found = joined(asked(Encoding.NDARRAY, meta=meta), ANSWER, PATH)
    assert found.meta == Meta(
        puid="p",
        tags={"a": 2, "b": 3, "c": 1},
        request_path={"m": "shop/m:1", "before": "b:1"},
        metrics=[{"key": "k"}],
    )


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        (Encoding.NDARRAY, Encoding.NDARRAY),
        (Encoding.TENSOR, Encoding.TENSOR),
        (Encoding.TFTENSOR, Encoding.TFTENSOR),
        (Encoding.V2, Encoding.V2),
        (Encoding.TF, Encoding.TF),
        (Encoding.JSON, Encoding.TENSOR),
        (Encoding.NONE, Encoding.TENSOR),
    ],
)
def test_an_answer_is_in_the_words_of_its_question(encoding: Encoding, expected: Encoding) -> None:
    found = joined(asked(encoding), ANSWER, {})
    assert (found.encoding, found.data.tolist(), found.tensor) == (expected, [[1.0]], "y")


@pytest.mark.parametrize(
    ("values", "expected", "encoding"),
    [
        ([b"a", "b"], ["a", "b"], Encoding.NDARRAY),
        (["s\u00fc".encode()], ["s\u00fc"], Encoding.NDARRAY),
        ([b"\xff"], [b"\xff"], Encoding.TFTENSOR),
    ],
)
def test_bytes_are_texts_where_they_can_be(values: list[Any], expected: list[Any], encoding: Encoding) -> None:
    answer = Payload(np.array(values, dtype=object), Encoding.V2)
    found = joined(asked(Encoding.TENSOR), answer, {})
    assert (found.data.tolist(), found.encoding) == (expected, encoding)
    assert joined(asked(Encoding.V2), answer, {}).data.tolist() == values


def test_several_arrays_stay_so() -> None:
    answer = Payload({"a": np.array([1]), "b": np.array([2])}, Encoding.TENSORS)
    assert joined(asked(Encoding.NDARRAY), answer, {}).encoding is Encoding.TENSORS


def test_parameters_are_tags() -> None:
    assert tags_in({"a": 1, "mine": 2}, but="mine").tags == {"a": 1}
    assert tags_in({"mine": 2}, but="mine").tags is None
