from typing import Any

import numpy as np
import pytest

from infergraph.errors import BadMessage
from infergraph.runtimes.tensorflow_rest import answer_to, inputs_of, is_rest

SEVERAL = {"n": np.array([1.0, 2.0]), "t": np.array(["a", "b"], dtype=object)}


@pytest.mark.parametrize(
    ("given", "inputs"),
    [
        ({"instances": [1, 2]}, [1, 2]),
        ({"instances": [{"a": 1, "b": [2]}, {"a": 3, "b": [4]}]}, {"a": [1, 3], "b": [[2], [4]]}),
        ({"inputs": [[1]], "signature_name": "s"}, [[1]]),
        ({"inputs": {"a": [1], "b": [2]}}, {"a": [1], "b": [2]}),
    ],
)
def test_inputs(given: Any, inputs: Any) -> None:
    assert is_rest(given)
    assert inputs_of(given, "s") == inputs


@pytest.mark.parametrize("given", [{"a": [1]}, {}, [1], "instances", None])
def test_what_is_no_such_request(given: Any) -> None:
    assert not is_rest(given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"instances": []}, "instances is a list with something in it, and"),
        ({"instances": 1}, "instances is a list with something in it, and 1 came"),
        ({"instances": [{"a": 1}, {"b": 1}]}, "each of instances has the same names"),
        ({"instances": [{"a": 1}, 1]}, "each of instances has the same names"),
        ({"instances": [1], "signature_name": "t"}, "served by its signature s, and 't' came"),
    ],
)
def test_wrong_requests(given: Any, message: str) -> None:
    with pytest.raises(BadMessage, match=message):
        inputs_of(given, "s")


def test_answers_have_the_form_of_the_request() -> None:
    rows, columns = {"instances": [1]}, {"inputs": [1]}
    assert answer_to(rows, np.array([[1.5], [2.5]])) == {"predictions": [[1.5], [2.5]]}
    assert answer_to(columns, np.array([1.5])) == {"outputs": [1.5]}
    assert answer_to(rows, SEVERAL) == {"predictions": [{"n": 1.0, "t": "a"}, {"n": 2.0, "t": "b"}]}
    assert answer_to(columns, SEVERAL) == {"outputs": {"n": [1.0, 2.0], "t": ["a", "b"]}}
